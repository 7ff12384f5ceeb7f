import { seededRandom, shuffled } from './random.ts';
import type { StoryRecord } from './record.ts';

type Range = {
	code: string;
	what: string;
	series: readonly string[];
	sizes: readonly string[];
	/** Cents of the smallest size, and what each step adds. */
	cents: readonly [number, number];
	/** Grams of the smallest size, and what each step adds. */
	grams: readonly [number, number];
	says: string;
};

const persons = ['1-person', '2-person', '3-person', '4-person'];
const clothes = ['S', 'M', 'L', 'XL'];

const ranges: readonly Range[] = [
	{
		code: 'TNT',
		what: 'tent',
		series: ['Fjell', 'Vidda', 'Rondane', 'Sarek', 'Tarn', 'Hytte'],
		sizes: persons,
		cents: [24900, 9000],
		grams: [1450, 620],
		says: 'Four-season tunnel tent with sealed seams'
	},
	{
		code: 'SLB',
		what: 'sleeping bag',
		series: ['Dvale', 'Varme', 'Nordlys', 'Frost', 'Lune'],
		sizes: ['short', 'regular', 'long'],
		cents: [15900, 1500],
		grams: [980, 110],
		says: 'Down sleeping bag with a draught collar'
	},
	{
		code: 'MAT',
		what: 'sleeping mat',
		series: ['Skum', 'Luft', 'Isolert', 'Fjær'],
		sizes: ['small', 'medium', 'large'],
		cents: [4900, 1000],
		grams: [380, 90],
		says: 'Insulated mat, rolls up small'
	},
	{
		code: 'STV',
		what: 'stove',
		series: ['Flamme', 'Gnist', 'Glød', 'Bål'],
		sizes: ['Solo', 'Duo', 'Trio'],
		cents: [5900, 2000],
		grams: [210, 140],
		says: 'Gas stove with piezo ignition'
	},
	{
		code: 'CKW',
		what: 'pot',
		series: ['Titan', 'Alu', 'Stål', 'Emalje', 'Kobber'],
		sizes: ['0.7 l', '1.2 l', '1.9 l'],
		cents: [2450, 900],
		grams: [130, 85],
		says: 'Pot with a folding handle and measuring marks'
	},
	{
		code: 'BPK',
		what: 'backpack',
		series: ['Topptur', 'Dagstur', 'Langtur', 'Skogtur', 'Kyst'],
		sizes: ['20 l', '35 l', '50 l', '65 l'],
		cents: [7900, 3500],
		grams: [740, 330],
		says: 'Backpack with a ventilated back and rain cover'
	},
	{
		code: 'JKT',
		what: 'jacket',
		series: ['Regn', 'Vind', 'Ull', 'Dun', 'Skall'],
		sizes: clothes,
		cents: [13900, 0],
		grams: [420, 25],
		says: 'Jacket with a helmet-size hood'
	},
	{
		code: 'TRS',
		what: 'trousers',
		series: ['Sti', 'Bre', 'Elv', 'Lyng'],
		sizes: clothes,
		cents: [8950, 0],
		grams: [390, 20],
		says: 'Stretch trousers with reinforced knees'
	},
	{
		code: 'BOT',
		what: 'boots',
		series: ['Stein', 'Myr', 'Kammen'],
		sizes: ['38', '39', '40', '41', '42', '43', '44', '45'],
		cents: [17900, 0],
		grams: [1120, 40],
		says: 'Leather hiking boots, resoleable'
	},
	{
		code: 'SOC',
		what: 'socks',
		series: ['Merino', 'Terry', 'Liner', 'Sport'],
		sizes: ['36-39', '40-43', '44-47'],
		cents: [1690, 0],
		grams: [60, 8],
		says: 'Hiking socks, pair'
	},
	{
		code: 'LMP',
		what: 'lamp',
		series: ['Måne', 'Stjerne', 'Fyr', 'Lykt', 'Sol'],
		sizes: ['200 lm', '400 lm', '800 lm'],
		cents: [2900, 1500],
		grams: [78, 26],
		says: 'Rechargeable lamp with a red light'
	},
	{
		code: 'BTL',
		what: 'bottle',
		series: ['Kilde', 'Bekk', 'Foss', 'Isbre'],
		sizes: ['0.5 l', '0.75 l', '1 l', '1.5 l'],
		cents: [1490, 300],
		grams: [180, 70],
		says: 'Steel bottle, keeps cold for a day'
	},
	{
		code: 'CLB',
		what: 'rope',
		series: ['Tind', 'Vegg', 'Egg', 'Snø'],
		sizes: ['30 m', '50 m', '70 m'],
		cents: [8900, 4500],
		grams: [1800, 1200],
		says: 'Dynamic climbing rope, dry treated'
	},
	{
		code: 'POL',
		what: 'trekking poles',
		series: ['Karbon', 'Bjørk', 'Rask'],
		sizes: ['110 cm', '120 cm', '130 cm'],
		cents: [6900, 500],
		grams: [410, 40],
		says: 'Folding poles, pair'
	},
	{
		code: 'TRP',
		what: 'tarp',
		series: ['Skog', 'Havn', 'Ly', 'Regnbue'],
		sizes: ['2 x 3 m', '3 x 3 m', '3 x 4 m'],
		cents: [6400, 1800],
		grams: [520, 160],
		says: 'Silicone-coated tarp with eight loops'
	},
	{
		code: 'FUD',
		what: 'camp meal',
		series: ['Elk stew', 'Lentil curry', 'Oat porridge', 'Chili', 'Fish soup', 'Pasta'],
		sizes: ['single', 'double'],
		cents: [790, 450],
		grams: [120, 110],
		says: 'Freeze-dried meal, add hot water'
	}
];

/** Every article of the story in a fixed, mixed order. */
export function catalogue(): StoryRecord[] {
	const articles = ranges.flatMap((range) =>
		range.series.flatMap((series, row) =>
			range.sizes.map((size, step) => article(range, series, size, row * range.sizes.length + step, step))
		)
	);
	return shuffled(articles, seededRandom(20));
}

function article(range: Range, series: string, size: string, index: number, step: number): StoryRecord {
	const cents = range.cents[0] + step * range.cents[1] + Math.floor(index / range.sizes.length) * 500;
	const grams = range.grams[0] + step * range.grams[1];
	const number = ranges.indexOf(range) * 100 + index;
	return {
		value: `NH-${range.code}-${1001 + index}`,
		name: `${series} ${range.what} ${size}`,
		description: `${range.says}.`,
		gtin: gtinOf(number),
		price: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`,
		currency: 'EUR',
		weight: `${Math.floor(grams / 1000)}.${String(grams % 1000).padStart(3, '0')}`,
		is_active: true
	};
}

/** A GTIN-13 under Nordhang's prefix, with its check digit. */
export function gtinOf(number: number): string {
	const digits = `5704321${String(number).padStart(5, '0')}`;
	const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
	return `${digits}${(10 - (sum % 10)) % 10}`;
}
