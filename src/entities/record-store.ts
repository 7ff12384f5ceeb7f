import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { matchCode } from '#src/sync/match-code.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import { columnOf, type EntityField, type EntityStore, type InternalRecord, type InternalWrite } from './entity.ts';

type Row = Record<string, unknown> & { id: string; rev: string; changed: Record<string, string> };

/**
 * The store of an entity whose records are the rows of one table of ours: one column a field, attributes for the custom ones.
 * `keyFields` are the references that identify a record together; a unique index has their columns.
 */
export function recordStore(
	table: string,
	fields: readonly EntityField[],
	keyFields: readonly string[] = []
): EntityStore {
	const name = sql.identifier(table);
	const columns = sql.join(
		[
			sql`id::text as id`,
			sql`rev::text as rev`,
			sql`changed`,
			sql`cm_iso(created_at) as created_at`,
			sql`cm_iso(updated_at) as updated_at`,
			...fields.map((field) => readColumn(field))
		],
		sql`, `
	);
	const records = async (tx: Transaction, condition: SQL) =>
		(await executePlanned<Row>(tx, sql`select ${columns} from ${name} ${condition}`)).map((row) =>
			toRecord(row, fields)
		);

	return {
		read: (tx, ids) =>
			ids.length === 0
				? Promise.resolve([])
				: records(tx, sql`where id = any(${idArray(ids)}::bigint[]) order by ${name}.id`),
		scan: (tx, afterId, limit) => records(tx, sql`where id > ${afterId}::bigint order by ${name}.id limit ${limit}`),
		compareAndSet: (tx, writes) => compareAndSet(tx, name, fields, writes),
		async insert(tx, values, changed) {
			const { into, what } = insertion(fields, values, changed);
			const [row] = await tx.execute<Row>(sql`insert into ${name} (${into}) values (${what}) returning ${columns}`);
			if (!row) throw new Error(`${table}: insert returned no row`);
			return toRecord(row, fields);
		},
		findByReferences: (tx, keys) => findByReferences(tx, name, keyColumns(fields, keyFields), keys),
		async restore(tx, row) {
			// What came to the table since the delete takes its default; what follows from others is worked out anew.
			const derived = new Set(fields.filter((field) => field.derived).map(columnOf));
			const kept = Object.keys(JSON.parse(row) as object).filter((column) => !derived.has(column));
			const into = sql.join(
				kept.map((column) => sql.identifier(column)),
				sql`, `
			);
			const [back] = await tx.execute<Row>(sql`
				insert into ${name} (${into}) select ${into} from jsonb_populate_record(null::${name}, ${row}::text::jsonb) returning ${columns}`);
			if (!back) throw new Error(`${table}: insert returned no row`);
			return toRecord(back, fields);
		},
		async findByCode(tx, field, codes) {
			if (codes.length === 0) return [];
			const column = sql`match_code(${sql.identifier(field)}::text)`;
			const rows = await tx.execute<Row>(
				sql`select ${columns} from ${name} where ${column} = any(${textArray(codes)}::text[]) order by ${name}.id limit ${codes.length * 5}`
			);
			return rows.map((row) => {
				const record = toRecord(row, fields);
				return { id: record.id, code: matchCode(record.fields[field] ?? null) ?? '', fields: record.fields };
			});
		},
		including: (more) => recordStore(table, [...fields, ...more], keyFields),
		over: (some) => recordStore(table, some, keyFields)
	};
}

/** Columns and values of a new row: what is empty or worked out by the database is left to it. */
function insertion(fields: readonly EntityField[], values: Fields, changed: Readonly<Record<string, string>>) {
	const given = fields.filter((field) => !field.derived && (values[field.name] ?? null) !== null);
	const known = given.filter(({ attribute }) => !attribute);
	const into: SQL[] = [...known.map((field) => sql`${sql.identifier(columnOf(field))}`), sql`changed`];
	const what = [
		...known.map((field) => writeValue(field, values[field.name] ?? null)),
		sql`${JSON.stringify(byColumn(fields, changed))}::text::jsonb`
	];
	if (known.length < given.length) {
		into.push(sql`attributes`);
		what.push(storedAttributes(fields, sql`${JSON.stringify(attributesIn(fields, values).set)}::text::jsonb`));
	}
	return { into: sql.join(into, sql`, `), what: sql.join(what, sql`, `) };
}

function keyColumns(fields: readonly EntityField[], keyFields: readonly string[]): string[] {
	return keyFields.flatMap((key) => fields.filter((field) => field.name === key).map(columnOf));
}

async function findByReferences(
	tx: Transaction,
	name: SQL | ReturnType<typeof sql.identifier>,
	columns: readonly string[],
	keys: readonly (readonly string[])[]
): Promise<string[]> {
	if (columns.length === 0 || keys.length === 0) return [];
	const same = columns.map((column, at) => sql`r.${sql.identifier(column)} = (k.ids ->> ${at}::int)::bigint`);
	const rows = await tx.execute<{ id: string }>(sql`
		select r.id::text as id from jsonb_array_elements(${JSON.stringify(keys)}::text::jsonb) as k(ids)
		join ${name} r on ${sql.join(same, sql` and `)} order by r.id`);
	return rows.map(({ id }) => id);
}

async function compareAndSet(
	tx: Transaction,
	name: SQL | ReturnType<typeof sql.identifier>,
	fields: readonly EntityField[],
	writes: readonly InternalWrite[]
): Promise<ReadonlyMap<string, string>> {
	if (writes.length === 0) return new Map();
	const input = JSON.stringify(
		writes.map(({ id, rev, fields: values, changed }) => {
			const { set, cleared } = attributesIn(fields, values);
			return { id, rev, values, attributes: set, cleared, changed: byColumn(fields, changed) };
		})
	);
	await tx.execute(
		sql`select 1 from ${name} where id = any(${idArray(writes.map(({ id }) => id))}::bigint[]) order by id for update`
	);
	const written = new Set(writes.flatMap((write) => Object.keys(write.fields)));
	const given = fields.filter((field) => !field.derived && written.has(field.name));
	const sets = given
		.filter(({ attribute }) => !attribute)
		.map((field) => {
			const column = sql.identifier(columnOf(field));
			return sql`${column} = case when w.values ? ${field.name} then ${castColumn(field, sql`w.values->>${field.name}`)} else r.${column} end`;
		});
	if (sets.length < given.length) {
		const kept = sql`r.attributes - array(select jsonb_array_elements_text(w.cleared))`;
		sets.push(sql`attributes = (${kept}) || ${storedAttributes(fields, sql`w.attributes`)}`);
	}
	const rows = await tx.execute<{ id: string; rev: string }>(sql`
		update ${name} r set ${sql.join([...sets, sql`changed = r.changed || w.changed`], sql`, `)}
		from jsonb_to_recordset(${input}::text::jsonb) as w(id bigint, rev bigint, "values" jsonb, attributes jsonb, cleared jsonb, changed jsonb)
		where r.id = w.id and r.rev = w.rev
		returning r.id::text as id, r.rev::text as rev`);
	return new Map(rows.map((row) => [row.id, row.rev]));
}

function readColumn(field: EntityField): SQL {
	const value = field.attribute ? sql`attributes ->> ${field.name}::text` : fieldValue(field);
	return sql`${value} as ${sql.identifier(field.name)}`;
}

/** The value of a field in SQL, of the only record table there or of the one called `of`: boolean, or text. */
export function fieldValue(field: EntityField, of?: string): SQL {
	const table = of === undefined ? sql`` : sql`${sql.identifier(of)}.`;
	if (field.attribute) {
		const text = sql`(${table}attributes ->> ${field.name}::text)`;
		return field.type === 'boolean' ? sql`(${text} = 'true')` : text;
	}
	const column = sql`${table}${sql.identifier(columnOf(field))}`;
	return field.type === 'decimal' || field.type === 'reference' ? sql`${column}::text` : column;
}

/**
 * The value of an attribute from its text. Undefined, which is left alone on both sides, where another program put something
 * there that is no value of this type.
 */
export function attributeValue(type: EntityField['type'], stored: Value): Value | undefined {
	if (stored === null || type === 'text') return stored;
	if (type === 'boolean') return stored === 'true' ? true : stored === 'false' ? false : undefined;
	return /^-?\d{1,13}(?:\.\d{1,20})?$/.test(String(stored)) ? stored : undefined;
}

/** Values of attributes as they are stored, and the names of those without one. */
function attributesIn(fields: readonly EntityField[], values: Fields) {
	const set: Record<string, string> = {};
	const cleared: string[] = [];
	for (const { name, attribute } of fields) {
		const value = attribute ? values[name] : undefined;
		if (value === null) cleared.push(name);
		else if (value !== undefined) set[name] = String(value);
	}
	return { set, cleared };
}

/** Attributes given as a JSON object of texts, as columns of ours would keep them. Fails where one is not of its field's type. */
function storedAttributes(fields: readonly EntityField[], given: SQL): SQL {
	const of = (type: EntityField['type']) =>
		textArray(fields.filter((field) => field.attribute && field.type === type).map(({ name }) => name));
	const value = sql`case when a.key = any(${of('decimal')}::text[]) then a.value::numeric(19, 6)::text
		when a.key = any(${of('boolean')}::text[]) then a.value::boolean::text else a.value end`;
	return sql`(select coalesce(jsonb_object_agg(a.key, ${value}), '{}'::jsonb) from jsonb_each_text(${given}) a)`;
}

function castColumn(field: EntityField, value: SQL): SQL {
	if (field.type === 'decimal') return sql`(${value})::numeric`;
	if (field.type === 'reference') return sql`(${value})::bigint`;
	if (field.type === 'boolean') return sql`coalesce((${value})::boolean, false)`;
	return field.required ? sql`coalesce(${value}, '')` : value;
}

function writeValue(field: EntityField, value: Value): SQL {
	if (field.type === 'decimal') return sql`${value}::text::numeric`;
	if (field.type === 'reference') return sql`${value}::text::bigint`;
	if (field.type === 'boolean') return sql`${value === true}::boolean`;
	return sql`${value}::text`;
}

function toRecord(row: Row, fields: readonly EntityField[]): InternalRecord {
	const values: Record<string, Value> = {};
	for (const field of fields) {
		const stored = (row[field.name] as Value | undefined) ?? null;
		// The database writes a list in its own way.
		const kept = field.type === 'lines' ? canonical('lines', stored) : stored;
		const value = field.attribute ? attributeValue(field.type, kept) : kept;
		if (value !== undefined) values[field.name] = value;
	}
	return {
		id: row.id,
		rev: row.rev,
		changed: byField(fields, row.changed),
		createdAt: momentOf(row['created_at']),
		updatedAt: momentOf(row['updated_at']),
		fields: values as Fields
	};
}

/** Not every application that keeps our records says when they came to be and changed: '' then. */
function momentOf(stored: unknown): string {
	return typeof stored === 'string' ? stored : '';
}

/** The times of fields, by column: the trigger that keeps them knows columns only. */
function byColumn(fields: readonly EntityField[], changed: Readonly<Record<string, string>>): Record<string, string> {
	return renamed(fields, changed, (field) => [field.name, columnOf(field)]);
}

function byField(fields: readonly EntityField[], changed: Readonly<Record<string, string>>): Record<string, string> {
	return renamed(fields, changed, (field) => [columnOf(field), field.name]);
}

function renamed(
	fields: readonly EntityField[],
	changed: Readonly<Record<string, string>>,
	names: (field: EntityField) => readonly [string, string]
): Record<string, string> {
	const result = { ...changed };
	for (const [from, to] of fields.filter(({ column }) => column !== undefined).map(names)) {
		const time = result[from];
		if (time === undefined) continue;
		delete result[from];
		result[to] = time;
	}
	return result;
}

/** bigint[] literal for a parameter: ids are digits only. */
export function idArray(ids: readonly string[]): string {
	return `{${ids.join(',')}}`;
}

/** text[] literal for a parameter. */
export function textArray(values: readonly string[]): string {
	if (values.length === 0) return '{}';
	// Thousands of ids rarely have a sign that must be escaped: one look at all of them is faster than one at each.
	const written = /["\\]/.test(values.join('')) ? values.map((value) => value.replace(/["\\]/g, '\\$&')) : values;
	return `{"${written.join('","')}"}`;
}
