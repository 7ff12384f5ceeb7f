import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryChannel, type MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import {
	columnOf,
	initialPolicy,
	initialSchedule,
	referencesOf,
	syncedFields,
	writableFields,
	type Entity,
	type EntityField
} from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import { testDatabase, type TestDatabase } from '../pg/database.ts';
import { createWorld, storyOf, wallClock } from '../scenarios/world.ts';

export type EntityExercise = {
	entity: Entity;
	/** Two different values of each field that points to nothing. */
	samples: Readonly<Record<string, readonly [Value, Value]>>;
};

/**
 * What every entity keeps to, executable: its table and its migration take part in revisions, field times, hints and
 * links, and its records are synced both ways. Call it in `src/entities/NAME/conformance.pg.test.ts`.
 */
export function exerciseEntity({ entity, samples }: EntityExercise): void {
	const fields = writableFields(entity).filter(({ type }) => type !== 'reference');
	const pointing = referencesOf(entity).filter(({ field }) => isRequired(entity, field));
	/** A field to edit of which no other follows. */
	const plain = fields.find(({ name, type }) => name !== 'value' && type !== 'boolean' && !isSource(entity, name));
	let database: TestDatabase;
	let world: Awaited<ReturnType<typeof createWorld>>;
	const channels: Record<string, MemoryChannel> = {};
	let made = 0;
	beforeAll(async () => {
		database = await testDatabase();
		world = await createWorld(database.db, { channels });
	});
	afterAll(() => database.close());

	const sampleOf = (name: string): readonly [Value, Value] => {
		const sample = samples[name];
		if (sample) return sample;
		throw new Error(stillToWrite(entity, name));
	};
	/** The first value of each field, with a code that nobody has, pointing to records that nobody else points to. */
	const values = async (): Promise<Fields> => {
		made += 1;
		const known: Record<string, Value> = Object.fromEntries(fields.map(({ name }) => [name, sampleOf(name)[0]]));
		if ('value' in known) known['value'] = `${String(known['value'])}-${made}`;
		for (const { field, to } of pointing) known[field] = await newRecord(to, `${field}-${made}`);
		return known;
	};
	const newRecord = async (to: string, code: string) => {
		const store = entityNamed(to)?.store;
		if (!store) throw new Error(`there is no entity ${to}`);
		return (await database.db.transaction((tx) => store.insert(tx, { value: code, name: code }, {}))).id;
	};
	const insert = (record: Fields) => database.db.transaction((tx) => entity.store.insert(tx, record, {}));
	const readOne = async (id: string) => (await database.db.transaction((tx) => entity.store.read(tx, [id])))[0];

	describe(`the entity ${entity.name}`, () => {
		it.each(fields)('has two different values of $name to try', ({ name, type }) => {
			const [one, other] = samples[name] ?? [];
			expect(samples[name], stillToWrite(entity, name)).toBeDefined();
			expect(canonical(type, one ?? null), `${name}: two different values`).not.toEqual(canonical(type, other ?? null));
		});

		it('is in the registry, with a code and a name', () => {
			expect(entityNamed(entity.name)).toBe(entity);
			const names = entity.fields.map(({ name }) => name);
			expect(names).toEqual(expect.arrayContaining(['value', 'name', ...entity.matchKeys]));
			expect(pointing.map(({ field }) => field)).toEqual(expect.arrayContaining([...(entity.keyFields ?? [])]));
		});

		it('keeps what is written; a change moves the revision and the time of just its field', async () => {
			const record = await insert(await values());
			const column = sql.identifier(plain ? columnOf(plain) : 'name');
			const [, other] = sampleOf(plain?.name ?? 'name');
			await database.db.execute(
				sql`update ${sql.identifier(entity.recordTable)} set ${column} = ${String(other)} where id = ${record.id}::bigint`
			);
			const changed = await readOne(record.id);
			expect(
				BigInt(changed?.rev ?? '0'),
				'rev is kept by a trigger: does the migration attach the entity?'
			).toBeGreaterThan(BigInt(record.rev));
			expect(Object.keys(changed?.changed ?? {})).toEqual([plain?.name]);
		});

		it('shows its fields to the scope of a channel as its store reads them', async () => {
			const record = await insert(await values());
			const [row] = await database.db.execute<{ fields: Fields }>(
				sql`select fields from cm_records where entity = ${entity.name} and id = ${record.id}::bigint`
			);
			for (const { name, type } of entity.fields) {
				const shown = row?.fields[name] ?? null;
				expect(canonical(type, shown === null ? null : String(shown)), name).toEqual(
					canonical(type, record.fields[name] ?? null)
				);
			}
		});

		it('writes only onto the revision that was read', async () => {
			const record = await insert(await values());
			const [, other] = sampleOf(plain?.name ?? 'name');
			const write = { id: record.id, rev: record.rev, fields: { [plain?.name ?? 'name']: other }, changed: {} };
			const set = () => database.db.transaction((tx) => entity.store.compareAndSet(tx, [write]));
			expect([...(await set()).keys()]).toEqual([record.id]);
			expect([...(await set()).keys()]).toEqual([]);
		});

		it('is found by what tells it from others', async () => {
			const record = await insert(await values());
			const { keyFields } = entity;
			if (keyFields) {
				const key = keyFields.map((field) => String(record.fields[field]));
				const hits = await database.db.transaction((tx) => entity.store.findByReferences(tx, [key, key.toReversed()]));
				expect(hits).toContain(record.id);
				return;
			}
			const rows = await database.db.execute<{ code: string }>(
				sql`select match_code(${String(record.fields['value'])}) as code`
			);
			const found = await database.db.transaction((tx) => entity.store.findByCode(tx, 'value', [rows[0]?.code ?? '']));
			expect(found.map(({ id }) => id)).toEqual([record.id]);
		});

		it('is synced both ways, and then left alone; a deleted record leaves an orphan', async () => {
			const story = await linkedStory();
			await story.run('full');
			expect(await story.links()).toMatchObject([{ status: 'in-sync' }]);
			for (const field of syncedFields(entity).filter(({ name, type }) => name !== 'value' && type !== 'reference'))
				await (field.confirm ? tryConfirmed(story, field) : tryField(story, field));
			const writes = story.memory.writes().length;
			await story.run('full');
			expect(story.memory.writes()).toHaveLength(writes);
			await database.db.execute(
				sql`delete from ${sql.identifier(entity.recordTable)} where id = ${story.internalId}::bigint`
			);
			await story.run();
			expect(await story.links()).toMatchObject([{ status: 'orphan' }]);
		});
	});

	type LinkedStory = Awaited<ReturnType<typeof linkedStory>>;

	/** Edits a field here, then there; what is only ever sent does not come back. */
	async function tryField(story: LinkedStory, { name, derived, latest }: EntityField) {
		const [first, other] = sampleOf(typeof derived === 'object' ? derived.from : name);
		const theirs = () => story.memory.record(entity.name, story.externalId)?.fields[name] ?? null;
		const ours = async () => (await story.internal(story.internalId))?.[name] ?? null;
		await story.editInternal(story.internalId, { [typeof derived === 'object' ? derived.from : name]: other });
		await story.run();
		const sent = await ours();
		expect(derived || same(entity, name, sent, other), `${name} is kept`).toBeTruthy();
		expect(same(entity, name, theirs(), sent), `${name} is sent`).toBe(true);
		const isSent = latest ?? story.policy.fields[name]?.direction === 'to-channel';
		story.memory.edit(entity.name, story.externalId, { [name]: first });
		await story.run();
		expect(same(entity, name, await ours(), isSent ? sent : first), `${name} is received, or not`).toBe(true);
		expect(same(entity, name, theirs(), isSent ? sent : first), `${name} is the same there`).toBe(true);
	}

	/** What the channel changes waits for a person; one that types the same here agrees. Ours goes there where it may. */
	async function tryConfirmed(story: LinkedStory, { name }: EntityField) {
		const [first, other] = sampleOf(name);
		const theirs = () => story.memory.record(entity.name, story.externalId)?.fields[name] ?? null;
		const ours = async () => (await story.internal(story.internalId))?.[name] ?? null;
		story.memory.edit(entity.name, story.externalId, { [name]: other });
		await story.run();
		expect(same(entity, name, await ours(), first), `${name} is not taken by itself`).toBe(true);
		expect(await story.links(), `${name} is asked about`).toMatchObject([{ status: 'conflict' }]);
		await story.editInternal(story.internalId, { [name]: other });
		await story.run();
		expect(await story.links(), `${name} is agreed on`).toMatchObject([{ status: 'in-sync' }]);
		await story.editInternal(story.internalId, { [name]: first });
		await story.run();
		const isSent = (story.policy.fields[name]?.direction ?? 'both') === 'both';
		expect(same(entity, name, theirs(), isSent ? first : other), `${name} is sent, or not`).toBe(true);
		expect(same(entity, name, await ours(), first), `${name} stays ours`).toBe(true);
	}

	/** A channel in memory that carries the entity, with one linked pair that agrees. */
	async function linkedStory() {
		const keys = new Set(entity.keyFields);
		const carried = syncedFields(entity).filter(({ name, type }) => type !== 'reference' || keys.has(name));
		const memory = createMemoryChannel({
			clock: wallClock,
			stampResolutionMs: 1,
			overlapMs: 200,
			unique: null,
			entities: { [entity.name]: carried.map(({ name, type }) => ({ name, type })) }
		});
		channels['shop'] = memory;
		const [row] = await database.db.execute<{ id: string }>(sql`
			insert into c_channel (name, connector, settings) values ('Shop', 'memory', '{"channel":"shop"}') returning id::text as id`);
		const channelId = row?.id ?? '';
		const policy = initialPolicy(entity);
		await database.db.execute(sql`
			insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live)
			values (${channelId}::bigint, ${entity.name}, ${JSON.stringify(policy)}::text::jsonb, ${JSON.stringify(initialSchedule(entity))}::text::jsonb, true, true)`);
		const story = storyOf(database.db, world.engine, channelId, memory, entity.name);
		const { id: internalId, fields: ours } = await insert(await values());
		const theirs = Object.fromEntries(carried.map(({ name }) => [name, ours[name] ?? null]));
		for (const { field, to } of pointing.filter(({ field: name }) => keys.has(name))) {
			theirs[field] = `theirs-${String(ours[field])}`;
			const parents = storyOf(database.db, world.engine, channelId, memory, to);
			await parents.link(String(ours[field]), theirs[field]);
		}
		const externalId = memory.add(entity.name, theirs);
		await story.link(internalId, externalId);
		return { ...story, policy, internalId, externalId };
	}
}

function isRequired(entity: Entity, name: string): boolean {
	return entity.fields.some((field) => field.name === name && field.required);
}

/** Whether another field follows from this one. */
function isSource(entity: Entity, name: string): boolean {
	return entity.fields.some(
		({ derived }) => typeof derived === 'object' && (derived.from === name || derived.less.includes(name))
	);
}

function stillToWrite(entity: Entity, field: string): string {
	return `Still to write in src/entities/${entity.name}/conformance.pg.test.ts: two different values of "${field}" in samples.`;
}

function same(entity: Entity, name: string, one: Value | undefined, other: Value): boolean {
	const type = entity.fields.find((field) => field.name === name)?.type ?? 'text';
	return canonical(type, one ?? null) === canonical(type, other);
}
