import fc from 'fast-check';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import type { Fields, FieldType, Value } from '#src/sync/fields.ts';
import { inScope, isScopeCondition, scopeOperatorsOf, type Scope, type ScopeCondition } from '#src/sync/scope.ts';
import { testDatabase } from '../../tests/pg/database.ts';
import { fieldsInScope, internalInScope } from './scope-condition.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

const pieces = [
	'',
	' ',
	'\t',
	'\u00a0',
	'\u3000',
	'\ufeff',
	'\r\n',
	'\r',
	'\n',
	'a',
	'A',
	'ab',
	'%',
	'_',
	'\\',
	"'",
	'"',
	'é',
	'e\u0301',
	'ß',
	'😀',
	'\u2000'
];
const numbers = [
	'0',
	'-0',
	'+1',
	'1.',
	'.5',
	'1.50',
	'1.5',
	'007',
	'-12.3',
	'1e3',
	'1,5',
	'--1',
	'.',
	'9'.repeat(60),
	`0.${'0'.repeat(40)}1`,
	'1'.repeat(1001),
	'NaN',
	'Infinity'
];
const moments = [
	'2026-11-29T08:00:00Z',
	' 2026-11-29T08:00:00.000000Z\n',
	'2026-11-29T08:00:00.5Z',
	'2026-11-29T08:00:00.499999Z',
	'2027-01-01T00:00:00Z',
	'2026-11-29T08:00:00.1234567Z',
	'2026-11-29T08:00:00+01:00',
	'2026-11-29'
];
const words = fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => parts.join(''));
const value: fc.Arbitrary<Value> = fc
	.oneof(
		{ weight: 4, arbitrary: words },
		{ weight: 4, arbitrary: fc.constantFrom(...numbers, ' 1.5 ', '1.5\u00a0') },
		{ weight: 2, arbitrary: fc.constantFrom(...moments) },
		{ weight: 1, arbitrary: fc.string() },
		{ weight: 1, arbitrary: fc.constantFrom(true, false, null, 'true', 'false') }
	)
	.filter((one) => typeof one !== 'string' || !one.includes('\0'));
const types: FieldType[] = ['text', 'decimal', 'boolean', 'reference', 'time'];
const condition: fc.Arbitrary<ScopeCondition> = fc
	.tuple(
		fc.constantFrom(...types),
		fc.nat(),
		fc.oneof(words, fc.constantFrom(...numbers, ...moments, 'true', 'false', ''))
	)
	.map(([type, nth, wanted]) => {
		const operators = scopeOperatorsOf(type);
		return { field: 'f', type, operator: operators[nth % operators.length] ?? 'is', value: wanted };
	})
	.filter(isScopeCondition);

test('SQL and TypeScript say the same of every value', async () => {
	const cases = fc.sample(fc.tuple(condition, value), { numRuns: 5_000, seed: 7 });
	const rows = await db.execute<{ place: number; one: boolean; whole: boolean }>(sql`
		select (c.place - 1)::int as place, cm_holds(c.body #>> '{0,operator}', c.body #>> '{0,type}', c.body #>> '{1,f}', c.body #>> '{0,value}') as one,
			cm_in_scope(jsonb_build_array(c.body -> 0), c.body -> 1) as whole
		from jsonb_array_elements(${JSON.stringify(cases.map(([asked, found]) => [asked, { f: found }]))}::text::jsonb) with ordinality as c(body, place)
		order by c.place`);
	expect(rows).toHaveLength(cases.length);
	const differing = rows.flatMap(({ place, one, whole }) => {
		const [asked, found] = cases[place] ?? [];
		const said = asked !== undefined && inScope({ f: found ?? null }, [asked]);
		return one === said && whole === said ? [] : [{ asked, found, said, one, whole }];
	});
	expect(differing).toEqual([]);
	// A value that decides nothing would prove nothing.
	const insiders = rows.filter(({ one }) => one).length;
	expect(insiders).toBeGreaterThan(500);
	expect(rows.length - insiders).toBeGreaterThan(500);
});

test('a condition on our records, on what a channel showed and in TypeScript take the same ones', async () => {
	const texts = ['NH-1', 'nh-1', ' NH-2', 'X', "O'Hara", '50 %'];
	const record = fc.record({
		name: fc.constantFrom(...texts),
		description: fc.constantFrom(...texts, '', null),
		price: fc.constantFrom('0', '7.5', '7.500001', '-1', '19.99', null),
		is_active: fc.boolean(),
		category: fc.constantFrom('1', '12', null)
	});
	const records = fc.sample(record, { numRuns: 120, seed: 3 });
	const ids: string[] = [];
	for (const [place, fields] of records.entries()) {
		const made = await product.store.insert(db, { value: `S-${place}`, ...fields } as Fields, {});
		ids.push(made.id);
	}
	const stored = await product.store.read(db, ids);
	await db.execute(
		sql`create temporary table seen as select id, fields from jsonb_to_recordset(${JSON.stringify(stored.map(({ id, fields }) => ({ id, fields })))}::text::jsonb) as s(id bigint, fields jsonb)`
	);
	const conditions: Scope[] = [
		[{ field: 'name', type: 'text', operator: 'starts-with', value: 'NH-' }],
		[{ field: 'name', type: 'text', operator: 'is-not', value: "O'Hara" }],
		[{ field: 'description', type: 'text', operator: 'is-empty', value: '' }],
		[{ field: 'description', type: 'text', operator: 'contains', value: '0 %' }],
		[{ field: 'price', type: 'decimal', operator: 'greater', value: '7.50' }],
		[{ field: 'price', type: 'decimal', operator: 'less', value: '7.5' }],
		[{ field: 'is_active', type: 'boolean', operator: 'is', value: 'true' }],
		[{ field: 'category', type: 'reference', operator: 'is', value: '12' }],
		[{ field: 'category', type: 'reference', operator: 'is-not-empty', value: '' }],
		[{ field: 'no_such_field', type: 'text', operator: 'is-empty', value: '' }]
	];
	const scopes = [...conditions, conditions.slice(0, 3).flat(), conditions.slice(4, 9).flat()];
	for (const scope of scopes) {
		const inside = stored.filter(({ fields }) => inScope(fields, scope)).map(({ id }) => id);
		const of = async (query: ReturnType<typeof sql>) => (await db.execute<{ id: string }>(query)).map(({ id }) => id);
		const ours = await of(
			sql`select r.id::text as id from m_product r where ${internalInScope(product, 'r', scope)} order by r.id`
		);
		const theirs = await of(sql`select r.id::text as id from seen r where ${fieldsInScope('r', scope)} order by r.id`);
		const kept = await of(
			sql`select r.id::text as id from cm_records r where r.entity = 'product' and cm_in_scope(${JSON.stringify(scope)}::text::jsonb, r.fields) order by r.id`
		);
		expect([ours, theirs, kept], JSON.stringify(scope)).toEqual([inside, inside, inside]);
	}
});
