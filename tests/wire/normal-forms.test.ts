import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erpSettings, shopSettings } from '#src/demo/channels.ts';
import type { FieldCodec } from '#src/engine/connectors/connector.ts';
import { codecOf as memoryCodecOf } from '#src/engine/connectors/memory/rewrite.ts';
import { JsonNumber, parseJson } from '#src/engine/connectors/parse-json.ts';
import { codecOf, decode, encode } from '#src/engine/connectors/rest/codec.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { field as fieldSchema, type WrittenField } from '#src/engine/connectors/rest/field-settings.ts';
import { restSettings } from '#src/engine/connectors/rest/settings.ts';
import { tryton } from '#src/engine/connectors/tryton/index.ts';
import { toWireDecimal, wireDecimal, wireFlag, wireId } from '#src/engine/connectors/tryton/wire.ts';
import { canonical, type FieldType, type Value } from '#src/sync/fields.ts';
import { item, over } from './canned-rest.ts';

const noTransport = () => Promise.reject(new Error('nothing is sent'));
const open = (connector: typeof rest, settings: unknown, entity: string) =>
	connector.open({ settings, credentials: {}, transport: noTransport }).resource(entity)?.fields ?? [];
const trytonSettings = { url: 'http://erp.test', database: 'db', user: 'u' };

const codecs: readonly (readonly [string, readonly FieldCodec[]])[] = [
	['rest, demo ERP', open(rest, erpSettings('http://erp.test'), 'product')],
	['rest, demo Shop', open(rest, shopSettings('http://erp.test'), 'product')],
	['tryton products', open(tryton, trytonSettings, 'product')],
	['tryton partners', open(tryton, trytonSettings, 'business-partner')],
	[
		'memory',
		[
			memoryCodecOf({ name: 'a', type: 'text', rewrite: 'trim' }),
			memoryCodecOf({ name: 'b', type: 'text', rewrite: 'upper' }),
			memoryCodecOf({ name: 'c', type: 'text', rewrite: 'squeeze' }),
			memoryCodecOf({ name: 'd', type: 'decimal', rewrite: { round: 2 } }),
			memoryCodecOf({ name: 'e', type: 'boolean' })
		]
	]
];

const decimal = fc
	.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(8))
	.map(([units, scale]) => decimalText(units, scale));
const odd = fc.constantFrom(
	...[
		'',
		' ',
		'\u00a0',
		'Cafe\u0301',
		'Caf\u00e9',
		'a\r\nb',
		'a\rb',
		'\ufeffa',
		'\ud83d\udc69\u200d\ud83d\udcbb',
		'ß',
		'ŉ',
		'İ',
		'ΑΣ'
	],
	...['\u1fd3', '\u0390', '\ufb03', ' a  b ', 'null', '0', '-0', '1e3', '١٢', 'ǅ', '\u0344', '\u2126', 'x\u0301\u0323']
);
const text = fc.oneof(
	fc.string({ unit: 'binary' }),
	fc.string({ unit: 'grapheme' }),
	odd,
	fc.array(odd, { maxLength: 4 }).map((parts) => parts.join(''))
);
const valueOf: Readonly<Record<FieldType, fc.Arbitrary<Value>>> = {
	text: fc.oneof(text, fc.constant(null)),
	decimal: fc.oneof(decimal, text, fc.constant(null)),
	boolean: fc.oneof(fc.boolean(), fc.constant(null)),
	reference: fc.oneof(text, fc.constant(null)),
	time: fc.oneof(text, fc.constant(null)),
	lines: fc.oneof(text, fc.constant(null))
};

function decimalText(units: bigint, scale: number): string {
	const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
	const plain = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
	return units < 0n ? `-${plain}` : plain;
}

describe.each(codecs)('normal forms: %s', (_, fields) => {
	it.each(fields.map((field) => [field.name, field] as const))('%s is reached in one step', (_name, field) => {
		fc.assert(
			fc.property(valueOf[field.type], (value) => {
				const once = field.normal(value);
				expect(field.normal(once)).toBe(once);
				// A value of the right kind: never a number, never undefined.
				expect(once === null || typeof once === (field.type === 'boolean' ? 'boolean' : 'string')).toBe(true);
			})
		);
	});

	it('another spelling of the same text has the same form', () => {
		for (const field of fields.filter(({ type }) => type === 'text')) {
			fc.assert(
				fc.property(text, (value) => {
					const form = field.normal(value);
					const others = [value.normalize('NFD'), ` \u00a0${value}\n`, value.replace(/\r\n?/g, '\n')];
					for (const other of others) expect(field.normal(other)).toBe(form);
				})
			);
		}
	});

	it('no digit of a decimal passes through a float', () => {
		for (const field of fields.filter(({ type }) => type === 'decimal')) {
			for (const whole of ['9007199254740993', '123456789012345678901234', '-99999999999999999999']) {
				expect(field.normal(whole)).toBe(whole);
				expect(field.normal(`${whole}.10`)).toBe(`${whole}.1`);
			}
			expect(['0.1', '1.05', '-0.3'].map((value) => field.normal(value))).toEqual(['0.1', '1.05', '-0.3']);
		}
	});
});

/** Rows: what we hold. Columns: what the channel sends. Whether the two agree; absent is never compared. */
const emptiness: readonly (readonly [string, FieldType, readonly Value[], readonly (readonly boolean[])[]])[] = [
	[
		'text',
		'text',
		[null, '', ' ', '0', 'false'],
		[
			[true, true, true, false, false],
			[true, true, true, false, false],
			[true, true, true, false, false],
			[false, false, false, true, false],
			[false, false, false, false, true]
		]
	],
	[
		'decimal',
		'decimal',
		[null, '', ' ', '0', '-0.00'],
		[
			[true, true, true, false, false],
			[true, true, true, false, false],
			[true, true, true, false, false],
			[false, false, false, true, true],
			[false, false, false, true, true]
		]
	],
	[
		'boolean',
		'boolean',
		[null, false, 'false', true, 'true'],
		[
			[true, false, false, false, false],
			[false, true, true, false, false],
			[false, true, true, false, false],
			[false, false, false, true, true],
			[false, false, false, true, true]
		]
	]
];

it.each(emptiness)('null, empty, zero and false are told apart: %s', (_, type, values, table) => {
	const found = values.map((ours) => values.map((theirs) => canonical(type, ours) === canonical(type, theirs)));
	expect(found).toEqual(table);
});

const field = (over: object) => fieldSchema.parse({ name: 'f', at: 'f', label: 'F', ...over }) as WrittenField;
const spellings: readonly WrittenField[] = [
	field({ as: 'text' }),
	field({ as: 'text', empty: 'blank' }),
	field({ as: 'text', letters: 'upper' }),
	field({ as: 'text', letters: 'lower' }),
	field({ as: 'decimal-text' }),
	field({ as: 'decimal-text', scale: 2 }),
	field({ as: 'number' }),
	field({ as: 'number', scale: 0 }),
	field({ as: 'minor-units' }),
	field({ as: 'minor-units', scale: 0 }),
	field({ as: 'minor-units', scale: 3 }),
	field({ as: 'boolean' }),
	field({ as: 'text', empty: 'false' }),
	field({ as: 'number', scale: 3, unit: { ours: 'kg', theirs: 'g' } }),
	field({ as: 'number', scale: 2, unit: { ours: 'kg', theirs: 'lb' } }),
	field({ as: 'decimal-text', unit: { ours: 'cm', theirs: 'in' } }),
	field({ as: 'list' }),
	field({ as: 'enum', values: { true: 'ACTIVE', false: 'ARCHIVED' } }),
	field({ as: 'enum', values: { true: 0, false: 1 } })
];

it.each(spellings.map((one) => [JSON.stringify(one), one] as const))(
	'what is sent is what is read back: %s',
	(_, one) => {
		const { type, normal } = codecOf(one);
		const storable = fc.oneof(
			text.filter((value) => value.isWellFormed() && !value.includes('\u0000')),
			fc.constant(null)
		);
		const writable: Readonly<Record<FieldType, fc.Arbitrary<Value>>> = {
			text: storable,
			decimal: fc.oneof(decimal, fc.constant(null)),
			boolean: valueOf.boolean,
			reference: storable,
			time: storable,
			lines: storable
		};
		fc.assert(
			fc.property(writable[type], (value) => {
				const json = parseJson(encode(one, value), 'erp', { exactNumbers: true });
				const read = decode(one, json);
				expect(read).toHaveProperty('value');
				if ('value' in read) expect(normal(read.value)).toBe(normal(value));
			})
		);
	}
);

it('what Tryton is sent is what is read back, and its flags are flags', () => {
	fc.assert(
		fc.property(
			decimal,
			(value) => canonical('decimal', wireDecimal.parse(toWireDecimal(value))) === canonical('decimal', value)
		)
	);
	expect([true, false, 1, 0, null].map((flag) => wireFlag.parse(flag))).toEqual([true, false, true, false, false]);
	for (const wrong of ['', '0', 2, -1, 'false', []]) expect(wireFlag.safeParse(wrong).success).toBe(false);
});

describe('five kinds of nothing, as a channel may send them', () => {
	const kinds = { null: null, empty: '', blank: ' ', zero: new JsonNumber('0'), false: false };
	it.each([
		['text', { null: null, empty: '', blank: ' ', zero: '0', false: 'drift' }],
		['decimal-text', { null: null, empty: null, blank: null, zero: '0', false: 'drift' }],
		['number', { null: null, empty: 'drift', blank: 'drift', zero: '0', false: 'drift' }],
		['minor-units', { null: null, empty: null, blank: null, zero: '0.00', false: 'drift' }],
		['boolean', { null: null, empty: 'drift', blank: 'drift', zero: 'drift', false: false }]
	] as const)('%s', (as, expected) => {
		for (const [kind, json] of Object.entries(kinds)) {
			const read = decode(field({ as }), json);
			expect([kind, 'value' in read ? read.value : Object.keys(read)[0]]).toEqual([
				kind,
				expected[kind as keyof typeof expected]
			]);
		}
	});

	it('absent is neither: a record without the field is refused, or known to lack it', async () => {
		const { name: _name, ...nameless } = item('1');
		const strict = over([{ json: { items: [nameless], next: null } }]).product.list(null);
		await expect(strict).rejects.toMatchObject({ kind: 'invalid-reply' });
		const settings = restSettings.parse(erpSettings('http://erp.test'));
		for (const one of settings.entities['product']?.fields ?? [])
			if (one.name === 'name') Object.assign(one, { optional: true });
		const page = await over([{ json: { items: [nameless], next: null } }], settings).product.list(null);
		expect(page.records[0]?.fields).not.toHaveProperty('name');
	});
});

it('ids beyond 2^53 keep every digit, as numbers and as texts', async () => {
	const big = fc.bigInt({ min: 2n ** 53n, max: 10n ** 40n });
	await fc.assert(
		fc.asyncProperty(big, fc.boolean(), async (id, quoted) => {
			const body = JSON.stringify({ items: [item('ID')], next: null }).replace('"ID"', quoted ? `"${id}"` : String(id));
			const { records } = await over([{ text: body }]).product.list(null);
			expect(records[0]?.id).toBe(String(id));
		}),
		{ numRuns: 30 }
	);
	// Tryton's ids are numbers on the wire: what a number cannot hold is refused, never rounded.
	for (const id of ['9007199254740993', '1e20', '-1', '1.5'])
		expect(wireId.safeParse(JSON.parse(id)).success).toBe(false);
});
