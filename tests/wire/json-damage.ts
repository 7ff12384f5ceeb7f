import type { Chance } from './chance.ts';

/** JSON text that stands for itself, where JSON.stringify could not write it. */
class Raw {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

type Place = { holder: Record<string, unknown> | unknown[]; key: string | number; value: unknown };

const datetime = (over: object) => ({
	__class__: 'datetime',
	...{ year: 2026, month: 11, day: 28, hour: 15, minute: 0, second: 0, microsecond: 0 },
	...over
});

/** Values that no connector expects, each for a reason. */
const strange: readonly (() => unknown)[] = [
	() => null,
	() => true,
	() => '',
	() => ' ',
	() => 0,
	() => -1,
	() => 1.5,
	() => [],
	() => ({}),
	() => new Raw('1e400'),
	() => new Raw('-0'),
	() => new Raw('NaN'),
	() => new Raw('Infinity'),
	() => new Raw('9007199254740993'),
	() => new Raw('0.1000000000000000055511151231257827'),
	() => new Raw('"\\ud800"'),
	() => new Raw('"half \\udc00 a character"'),
	() => new Raw('"a\\u0000b"'),
	() => new Raw('{"__proto__":{"polluted":true}}'),
	() => new Raw('{"constructor":{"prototype":{"polluted":true}}}'),
	() => new Raw('{"hasOwnProperty":1,"toString":null,"then":1}'),
	() => new Raw('['.repeat(60) + ']'.repeat(60)),
	() => new Raw('{"a":'.repeat(2000) + '1' + '}'.repeat(2000)),
	() => 'x'.repeat(3000),
	() => '9'.repeat(400),
	() => `${'1'.repeat(20)}.5`,
	() => '1e5000',
	() => '-.5',
	() => 'NaN',
	() => 'Cafe\u0301 \u00a0\ud83d\ude00\r\n',
	() => '<script>alert(1)</script>',
	() => '\u202e\ufeff\u200b',
	() => '..',
	() => '../../admin?x=1#y',
	() => 'a,b',
	() => '1/2',
	() => 'channel-mapping:%E0%A4%A',
	() => ({ __class__: 'Decimal', decimal: 'NaN' }),
	() => ({ __class__: 'Decimal', decimal: '1E+999' }),
	() => ({ __class__: 'Decimal', decimal: '9'.repeat(300) }),
	() => ({ __class__: 'Decimal', decimal: 12.5 }),
	() => datetime({ month: 13 }),
	() => datetime({ day: 31, month: 2 }),
	() => datetime({ year: 0 }),
	() => datetime({ year: 123456 }),
	() => datetime({ microsecond: -1 }),
	() => datetime({ second: 60 }),
	() => '2026-02-30T00:00:00Z',
	() => '0000-01-01T00:00:00Z',
	() => '9999-12-31T23:59:59-12:00',
	() => '2026-11-28T15:00:00+99:99',
	() => '2026-11-28T24:00:00Z',
	() => '1969-12-31T23:59:59.999999Z'
];

const keys = [
	'__proto__',
	'constructor',
	'prototype',
	'toString',
	'id',
	'next',
	'items',
	'result',
	'error',
	'',
	'length'
];

/** What was blown up already is left so: to damage it once more takes a hundred times what reading it does. */
const longestText = 1_000_000;

/** Damages one place of a JSON text, or gives the text back where it is none, or too long. */
export function damageJson(text: string, chance: Chance): string {
	if (text.length > longestText) return text;
	let root: unknown;
	try {
		root = JSON.parse(text);
	} catch {
		return text;
	}
	const top = { root };
	const places = placesOf(top);
	const place = places[chance.below(places.length)];
	if (!place) return text;
	chance.pick(damages)(place, chance, places);
	return stringify(top.root);
}

const set = (place: Place, value: unknown) => {
	(place.holder as Record<string | number, unknown>)[place.key] = value;
};

const damages: readonly ((place: Place, chance: Chance, places: readonly Place[]) => void)[] = [
	(place, chance) => set(place, chance.pick(strange)()),
	(place, chance) => set(place, chance.pick(strange)()),
	(place, chance) => set(place, chance.pick(strange)()),
	function missing({ holder, key }) {
		if (Array.isArray(holder)) holder.splice(Number(key), 1);
		else if (key !== 'root') delete holder[key];
	},
	function renamed({ holder, key, value }, chance) {
		if (Array.isArray(holder)) return;
		delete holder[key];
		define(holder, chance.pick(keys), value);
	},
	function addedKey({ value }, chance) {
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
			define(value as Record<string, unknown>, chance.pick(keys), chance.pick(strange)());
		}
	},
	function swapped(place, chance, places) {
		const other = chance.pick(places);
		if (contains(place.value, other.value) || contains(other.value, place.value)) return;
		set(place, other.value);
		set(other, place.value);
	},
	function sameKeySwapped(place, chance, places) {
		const alike = places.filter(({ key, holder }) => key === place.key && holder !== place.holder);
		if (alike.length === 0) return;
		const other = chance.pick(alike);
		if (contains(place.value, other.value) || contains(other.value, place.value)) return;
		set(place, other.value);
		set(other, place.value);
	},
	function extraRecords(_place, chance, places) {
		const list = lists(places, chance);
		const one = list && structuredClone(plain(chance.pick(list.length > 0 ? list : [{}])));
		if (!list || typeof one !== 'object' || one === null) return;
		const changed = one as Record<string, unknown>;
		const key = 'uid' in changed ? 'uid' : 'id';
		if (chance.is(0.6))
			changed[key] = typeof changed[key] === 'number' ? 4_000_000 + chance.below(9) : `x${chance.below(9)}`;
		const copies = chance.is(0.01) ? 3000 : 1 + chance.below(3);
		for (let copy = 0; copy < copies; copy += 1) list.push(changed);
	},
	function shuffledList(_place, chance, places) {
		lists(places, chance)?.reverse();
	},
	function emptied(_place, chance, places) {
		lists(places, chance)?.splice(0);
	},
	function wrapped(place) {
		set(place, [place.value]);
	},
	function doubledKey({ holder, key, value }, chance) {
		if (Array.isArray(holder)) return;
		const again = stringify(chance.is(0.5) ? chance.pick(strange)() : value);
		define(holder, key as string, new Raw(`${stringify(value)},${JSON.stringify(String(key))}:${again}`));
	},
	function manyValues(place, chance) {
		if (chance.is(0.02)) set(place, new Raw(`[${'1,'.repeat(700_000)}1]`));
		if (chance.is(0.02)) set(place, 'x'.repeat(3_000_000));
	}
];

function lists(places: readonly Place[], chance: Chance): unknown[] | undefined {
	const found = places.map(({ value }) => value).filter((value) => Array.isArray(value));
	return found.length === 0 ? undefined : chance.pick(found);
}

function placesOf(top: Record<string, unknown>): Place[] {
	const places: Place[] = [];
	const walk = (holder: Record<string, unknown> | unknown[]) => {
		for (const [key, value] of Object.entries(holder)) {
			places.push({ holder, key, value });
			if (typeof value === 'object' && value !== null && !(value instanceof Raw)) {
				walk(value as Record<string, unknown>);
			}
		}
	};
	walk(top);
	return places;
}

function define(holder: object, key: string, value: unknown): void {
	Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function contains(outer: unknown, inner: unknown): boolean {
	if (outer === inner) return true;
	return typeof outer === 'object' && outer !== null && Object.values(outer).some((value) => contains(value, inner));
}

const plain = (value: unknown): unknown => JSON.parse(stringify(value).replace(/NaN|Infinity/g, '0')) as unknown;

function stringify(value: unknown): string {
	if (value instanceof Raw) return value.text;
	if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	return `{${Object.entries(value)
		.map(([key, inner]) => `${JSON.stringify(key)}:${stringify(inner)}`)
		.join(',')}}`;
}
