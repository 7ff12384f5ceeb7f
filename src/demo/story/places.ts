import type { StoryRecord } from './record.ts';

/** The product categories of Nordhang Outdoor. */
export const categories: readonly StoryRecord[] = [
	['TENTS', 'Tents and tarps'],
	['SLEEP', 'Sleeping bags and mats'],
	['PACKS', 'Backpacks and bags'],
	['WEAR', 'Clothing'],
	['KITCHEN', 'Stoves and cookware'],
	['CLIMB', 'Climbing']
].map(([value = '', name = '']) => ({ value, name, parent: null, is_active: true }));

/** Its price lists. */
export const priceLists: readonly StoryRecord[] = [
	{ value: 'RETAIL', name: 'Retail', currency: 'EUR', is_active: true },
	{ value: 'DEALER', name: 'Dealers', currency: 'EUR', is_active: true }
];

/** Its warehouses. */
export const warehouses: readonly StoryRecord[] = [
	{ value: 'FLENSBURG', name: 'Central warehouse Flensburg', is_active: true },
	{ value: 'AARHUS', name: 'Returns Aarhus', is_active: true }
];
