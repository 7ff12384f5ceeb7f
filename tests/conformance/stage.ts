import { expect } from 'vitest';
import type {
	CallOptions,
	ExternalKey,
	ExternalRecord,
	Page,
	Resource,
	Session
} from '#src/engine/connectors/connector.ts';
import { ConnectorError, type ConnectorErrorKind } from '#src/engine/connectors/error.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { Exercise, Rig } from './exercise-connector.ts';
import { createWire, type Wire } from './wire.ts';

/** What one case works with: a fresh session, the wire below it, and short words for what cases do often. */
export type Stage = {
	exercise: Exercise;
	rig: Rig;
	wire: Wire;
	session: Session;
	resource: Resource;
	/** Another session over the same wire. */
	open(credentials: Readonly<Record<string, string>>): { session: Session; resource: Resource };
	/** A record's values with a code that nobody used before. */
	values(over?: Fields): Fields;
	/** What to write where the field `name` is to say this. */
	named(text: string): Fields;
	/** Values of a record that can be created: what it points to is there. */
	creatable(over?: Fields): Promise<Fields>;
	/** Makes one record per argument. */
	seed(...records: Fields[]): Promise<readonly ExternalKey[]>;
	seedOne(over?: Fields): Promise<ExternalKey>;
	one(key: ExternalKey): Promise<ExternalRecord>;
	listAll(options?: CallOptions): Promise<readonly ExternalRecord[]>;
	changesSince(since: string): Promise<readonly ExternalRecord[]>;
	/** Lets enough time pass for a write under a coarse tag. */
	settle(): Promise<void>;
	/** The form in which the resource compares a value of this field. */
	normal(field: string, value: Value | undefined): Value | undefined;
	/** Expects that the record holds these values, as far as the channel can hold them. */
	expectHolds(record: ExternalRecord, fields: Fields): void;
	/** Expects a ConnectorError of this kind, with a hint and without a credential in it. */
	fails(call: Promise<unknown>, ...kinds: ConnectorErrorKind[]): Promise<ConnectorError>;
	close(): Promise<void>;
};

const firstCode = Date.now().toString(36).toUpperCase();
let made = 0;

export function openStage(exercise: Exercise, rig: Rig): Stage {
	const wire = createWire();
	const send = createTransport({
		fetch: wire.fetch,
		monotonicNow: () => performance.now(),
		wallNow: () => Date.now()
	});
	const { patienceMs } = exercise;
	const transport: Transport =
		patienceMs === undefined ? send : (request) => send({ timeoutMs: patienceMs / 4, ...request });
	const sessions: Session[] = [];
	const open: Stage['open'] = (credentials) => {
		const session = rig.connector.open({ settings: rig.settings, credentials, transport });
		sessions.push(session);
		const resource = session.resource(exercise.entity);
		if (!resource) throw new Error(`no resource ${exercise.entity}`);
		return { session, resource };
	};
	const { session, resource } = open(rig.credentials);
	const { code, name, text, price, active } = exercise.fields;
	const names = [code, name, text, price, active].filter((each) => each !== undefined);
	const nameOf = exercise.named ?? ((words: string): Value => words);
	const samples: Record<string, Value> = { [name]: nameOf('Tent'), ...(text && { [text]: 'Light' }) };
	if (price) samples[price] = '12.50';
	if (active) samples[active] = true;

	const stage: Stage = {
		exercise,
		rig,
		wire,
		session,
		resource,
		open,
		values(over = {}) {
			made += 1;
			expect(names).toEqual(expect.arrayContaining(Object.keys(over)));
			return { ...samples, [code]: `X${firstCode}${made}`, ...over };
		},
		named: (words) => ({ [name]: nameOf(words) }),
		async creatable(over) {
			const values = stage.values(over);
			return rig.complete ? rig.complete(values) : values;
		},
		seed: (...records) => rig.seed(records),
		async seedOne(over) {
			const [key] = await rig.seed([stage.values(over)]);
			if (!key) throw new Error('seed made nothing');
			return key;
		},
		async one(key) {
			const [record] = await resource.read([key]);
			if (!record) throw new Error(`record ${key.id} is not there`);
			return record;
		},
		listAll: (options) => pages((cursor) => resource.list(cursor, options)),
		changesSince: (since) => pages((cursor) => resource.changes!(since, cursor)),
		async settle() {
			const { precondition } = resource.capabilities;
			const ms = precondition.kind === 'coarse' ? precondition.settleMs : resource.capabilities.stampResolutionMs;
			const wait = rig.pass ?? ((time: number) => new Promise<void>((resolve) => setTimeout(resolve, time)));
			await wait(Math.ceil(ms) + 2);
		},
		normal: (field, value) => normalOf(resource, field, value),
		expectHolds(record, fields) {
			const normal = (each: Fields) =>
				Object.fromEntries(Object.keys(fields).map((field) => [field, normalOf(resource, field, each[field])]));
			expect(normal(record.fields)).toEqual(normal(fields));
		},
		fails: (call, ...kinds) => failureOf(call, kinds, Object.values(rig.credentials)),
		async close() {
			for (const each of sessions) await each.close();
		}
	};
	return stage;
}

function normalOf(resource: Resource, field: string, value: Value | undefined): Value | undefined {
	if (value === undefined) return undefined;
	const codec = resource.fields.find((each) => each.name === field);
	if (!codec) throw new Error(`no field ${field}`);
	return codec.normal(value);
}

async function failureOf(
	call: Promise<unknown>,
	kinds: readonly ConnectorErrorKind[],
	secrets: readonly string[]
): Promise<ConnectorError> {
	const error: unknown = await call.then(
		() => expect.unreachable(`should fail with ${kinds.join(' or ')}`),
		(cause: unknown) => cause
	);
	if (!(error instanceof ConnectorError)) throw error;
	expect(kinds, error.message).toContain(error.kind);
	expect(error.hint.length).toBeGreaterThan(10);
	for (const secret of secrets) expect(`${error.stack} ${error.reply} ${String(error.cause)}`).not.toContain(secret);
	return error;
}

async function pages(next: (cursor: string | null) => Promise<Page>): Promise<readonly ExternalRecord[]> {
	const records: ExternalRecord[] = [];
	let cursor: string | null = null;
	do {
		const page: Page = await next(cursor);
		records.push(...page.records);
		expect(page.next, 'paging goes on').not.toBe(cursor ?? '');
		cursor = page.next;
	} while (cursor !== null);
	return records;
}
