import { z } from 'zod';
import type { ExternalKey, Resource } from '#src/engine/connectors/connector.ts';
import type { ConnectorError, ConnectorErrorKind } from '#src/engine/connectors/error.ts';

const kinds: Readonly<Record<ConnectorErrorKind, true>> = {
	unreachable: true,
	'rate-limited': true,
	unauthorized: true,
	missing: true,
	rejected: true,
	conflict: true,
	duplicate: true,
	ambiguous: true,
	'invalid-reply': true,
	misconfigured: true,
	expired: true
};

/** What PostgreSQL stores as it is, in a text column, in jsonb and in an index. */
const text = z.string().refine((value) => value.isWellFormed() && !value.includes('\u0000'), 'cannot be stored');
const id = text.min(1).max(500);
const tag = text.max(2000).nullable();
const stamp = z
	.string()
	.regex(/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/)
	.refine((iso) => new Date(iso).toISOString().slice(0, 19) === iso.slice(0, 19), 'is no moment')
	.nullable();
const values = {
	text: text.nullable(),
	// 40 digits are more than any column of ours takes, and few enough to calculate with.
	decimal: z
		.string()
		.regex(/^-?\d+(\.\d+)?$/)
		.max(50)
		.nullable(),
	boolean: z.boolean().nullable(),
	reference: text.nullable(),
	time: text.nullable(),
	lines: text.nullable()
};

type Shapes = Readonly<Record<string, z.ZodType>>;

/** Built once for each table of fields: sessions are opened by the thousand. */
const shapesByFields = new Map<string, Shapes>();

function shapesOf(resource: Resource): Shapes {
	const key = resource.fields.map(({ name, type }) => `${name} ${type}`).join();
	const known = shapesByFields.get(key);
	if (known) return known;
	const fields = z.strictObject(
		Object.fromEntries(resource.fields.map(({ name, type }) => [name, values[type].optional()]))
	);
	const record = z.strictObject({
		id,
		variantId: text.max(500),
		version: tag,
		stamp,
		fields,
		reference: text.max(500).nullable(),
		unreadable: z.record(z.string(), text.min(1).max(1000)).optional(),
		shownOnly: z.array(z.enum(resource.fields.map(({ name }) => name))).optional(),
		url: text.max(3000).optional()
	});
	const page = z.strictObject({ records: z.array(record), next: text.min(1).max(5000).nullable() });
	const shapes: Shapes = {
		list: page,
		changes: page,
		read: z.array(record),
		search: z.array(record).max(20),
		findByReference: z.array(record),
		create: record.extend({ readBack: z.boolean().optional() }),
		update: z.strictObject({ version: tag, stamp, fields: fields.nullable() }),
		probe: z.undefined()
	};
	shapesByFields.set(key, shapes);
	return shapes;
}

/** Fails where `result` is not what the contract promises for this method of the resource. */
export function checkResult(resource: Resource, method: string, result: unknown, asked: Asked): void {
	const parsed = shapesOf(resource)[method]?.safeParse(result);
	if (!parsed?.success) throw new Error(`${method} broke its contract: ${parsed?.error.message ?? 'no such method'}`);
	checkAnswersQuestion(method, result, asked);
	for (const one of recordsIn(result)) checkValues(resource, one.fields);
}

/** What a call was about. */
export type Asked = { keys?: readonly ExternalKey[]; references?: readonly string[]; reference?: string };

type SomeRecord = {
	id: string;
	variantId: string;
	reference: string | null;
	fields: Record<string, string | boolean | null>;
};

function recordsIn(result: unknown): readonly SomeRecord[] {
	if (Array.isArray(result)) return result as SomeRecord[];
	if (typeof result !== 'object' || result === null) return [];
	if ('records' in result) return result.records as SomeRecord[];
	return 'id' in result ? [result as SomeRecord] : [];
}

function checkAnswersQuestion(method: string, result: unknown, asked: Asked): void {
	const records = recordsIn(result);
	const keyOf = (key: ExternalKey) => `${key.id}\n${key.variantId}`;
	const { keys, references, reference } = asked;
	if (new Set(records.map(keyOf)).size < records.length) throw new Error(`${method} returned one record twice`);
	if (keys && !records.every((one) => keys.some((key) => keyOf(key) === keyOf(one)))) {
		throw new Error(`${method} returned a record that was not asked for`);
	}
	if (references && !records.every((one) => one.reference !== null && references.includes(one.reference))) {
		throw new Error(`${method} returned a record without a wanted reference`);
	}
	if (reference !== undefined && records.some((one) => one.reference !== reference)) {
		throw new Error(`${method} gave out another record as the one it made`);
	}
}

/** The forms of comparison are reached in one step, for whatever the channel sent. */
function checkValues(resource: Resource, fields: SomeRecord['fields']): void {
	for (const { name, normal } of resource.fields) {
		const value = fields[name];
		if (value === undefined) continue;
		const once = normal(value);
		if (normal(once) !== once) throw new Error(`normal form of ${name} moves on: ${JSON.stringify(value)}`);
	}
}

/** Fails where an error is not one that the engine and an operator can act on. */
export function checkError(error: ConnectorError, secrets: readonly string[]): void {
	if (!Object.hasOwn(kinds, error.kind)) throw new Error(`unknown kind ${error.kind}`);
	z.object({
		hint: text.min(10).max(2000),
		reply: text.max(500).optional(),
		retryAfterMs: z.number().nonnegative().max(31_536_000_000).optional()
	}).parse({ hint: error.hint, reply: error.reply, retryAfterMs: error.retryAfterMs });
	const shown = `${error.message} ${error.hint} ${error.reply ?? ''}`;
	for (const secret of secrets) if (shown.includes(secret)) throw new Error('an error shows a credential');
}

/** Fails where a reply reached the prototype that all objects share. */
export function checkPrototypes(): void {
	const found = [...Object.keys(Object.prototype), ...Object.keys(Array.prototype)];
	if (found.length > 0 || 'polluted' in {}) throw new Error(`a reply reached Object.prototype: ${found.join()}`);
}
