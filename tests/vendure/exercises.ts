import type { Exercise, Rig } from '../conformance/exercise-connector.ts';
import { skips } from '../conformance/skips.ts';
import { categoryRig, productPriceRig, stockLevelRig, warehouseRig } from './catalog-rigs.ts';
import { parentRig } from './parent-rig.ts';
import { customerRig, productRig, type RunningVendure } from './rig.ts';

/** What the conformance suite tries on Vendure, the same for the real one and for the fake. */
type VendureExercise = Omit<Exercise, 'name' | 'start'>;

const fineStamps = {
	reason: 'Vendure shows stamps with milliseconds',
	tests: ['changes since a moment within the resolution of the stamp still brings the record']
};

const unguarded = {
	reason: 'without the plugin the last write wins',
	tests: ['update under an outdated version is a conflict and writes nothing', 'every write moves the version']
};

const productExercise: VendureExercise = {
	entity: 'product',
	fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
	refused: { fields: { name: null }, words: /not-null/i },
	wire: 'http',
	withoutField: (body) => without('sku', body),
	skip: [
		fineStamps,
		{
			reason: 'Vendure takes a SKU twice',
			tests: ['create with a unique value that is taken is a duplicate and creates nothing']
		}
	]
};

const parentExercise: VendureExercise = {
	entity: 'product-parent',
	fields: { code: 'name', name: 'name', text: 'description' },
	refused: { fields: { name: null }, words: /not-null/i },
	wire: 'http',
	withoutField: (body) => without('enabled', body),
	skip: [fineStamps, skips.reference, skips.archive, skips.price]
};

const customerExercise: VendureExercise = {
	entity: 'business-partner',
	fields: { code: 'email', name: 'name', text: 'phone' },
	unique: 'email',
	wire: 'http',
	withoutField: (body) => without('lastName', body),
	skip: [
		fineStamps,
		{ reason: 'a customer has no price', tests: ['update keeps decimals exact'] },
		{
			reason: 'a customer cannot be inactive',
			tests: [
				'list and read bring archived records',
				'changes shows a record that was archived',
				'update archives a record and takes it back'
			]
		},
		{
			reason: 'a customer may have any name and phone number',
			tests: [
				'update with values that the channel refuses keeps its words and writes nothing',
				'create with values that the channel refuses keeps its words and creates nothing'
			]
		}
	]
};

const categoryExercise: VendureExercise = {
	entity: 'product-category',
	fields: { code: 'value', name: 'name', active: 'is_active' },
	// A create is refused by the API, an update by its database.
	refused: { fields: { name: null }, words: /not-null|not to be null/i },
	unique: 'value',
	wire: 'http',
	withoutField: (body) => without('isPrivate', body),
	skip: [fineStamps, skips.longText, skips.price]
};

const warehouseExercise: VendureExercise = {
	entity: 'warehouse',
	fields: { code: 'value', name: 'name' },
	refused: { fields: { name: null }, words: /null/i },
	wire: 'http',
	withoutField: (body) => without('name', body),
	skip: [fineStamps, skips.longText, skips.archive, skips.price, skips.unique, unguarded]
};

const productPriceExercise: VendureExercise = {
	entity: 'product-price',
	keyed: true,
	fields: { code: 'value', name: 'price', price: 'price' },
	named: (text) => `${text.length}.50`,
	refused: { fields: { price: null }, words: /always has a price/ },
	wire: 'http',
	withoutField: (body) => without('prices', body),
	skip: [fineStamps, skips.reference, skips.longText, skips.archive, skips.code]
};

const stockLevelExercise: VendureExercise = {
	entity: 'stock-level',
	keyed: true,
	fields: { code: 'value', name: 'available' },
	named: (text) => String(text.length),
	wire: 'http',
	withoutField: (body) => without('stockLevels', body),
	skip: [
		fineStamps,
		skips.reference,
		skips.longText,
		skips.archive,
		skips.price,
		skips.code,
		unguarded,
		{
			reason: 'any number is taken',
			tests: ['update with values that the channel refuses keeps its words and writes nothing']
		}
	]
};

type Exercised = { exercise: VendureExercise; rig: (running: RunningVendure) => Rig };

/**
 * What is tried on each entity, with our plugin there or not, and the hands that reach into it. On one server, stock comes before
 * the many locations that a page full of warehouses leaves behind.
 */
export function exercisesOf(plugin: boolean): readonly Exercised[] {
	const guarded: readonly Exercised[] = [
		{ exercise: productExercise, rig: productRig },
		{ exercise: parentExercise, rig: parentRig },
		{ exercise: customerExercise, rig: customerRig },
		{ exercise: productPriceExercise, rig: productPriceRig },
		{ exercise: categoryExercise, rig: categoryRig }
	];
	const more = plugin ? [] : [unguarded];
	return [
		...guarded.map(({ exercise, rig }) => ({
			exercise: { ...exercise, skip: [...(exercise.skip ?? []), ...more] },
			rig
		})),
		{ exercise: stockLevelExercise, rig: stockLevelRig },
		{ exercise: warehouseExercise, rig: warehouseRig }
	];
}

/** The body of a reply without this field in its records, or null where it has no records. */
function without(field: string, body: string): string | null {
	const reply = JSON.parse(body) as { data?: { found?: { items: Record<string, unknown>[] } } };
	const items = reply.data?.found?.items;
	if (!items) return null;
	for (const item of items) delete item[field];
	return JSON.stringify(reply);
}
