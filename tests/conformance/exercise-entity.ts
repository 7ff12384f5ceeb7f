import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryChannel, type MemoryChannel } from '#src/engine/connectors/memory/create-memory-channel.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import { defaultPolicy, defaultSchedule } from '#src/sync/policy.ts';
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
	const fields = entity.fields.filter(({ type }) => type !== 'reference');
	let database: TestDatabase;
	let world: Awaited<ReturnType<typeof createWorld>>;
	const channels: Record<string, MemoryChannel> = {};
	let made = 0;
	beforeAll(async () => {
		database = await testDatabase();
		world = await createWorld(database.db, { channels });
	});
	afterAll(() => database.close());

	/** The first or the second value of each field, with a code that nobody has. */
	const values = (which: 0 | 1): Fields => {
		made += 1;
		const known = fields.map(({ name }) => [name, sampleOf(name)[which]] as const);
		return { ...Object.fromEntries(known), value: `${String(sampleOf('value')[which])}-${made}` };
	};
	const sampleOf = (name: string): readonly [Value, Value] => {
		const sample = samples[name];
		if (sample) return sample;
		throw new Error(stillToWrite(entity, name));
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
			expect(entity.fields.map(({ name }) => name)).toEqual(expect.arrayContaining(['value', 'name']));
			for (const key of entity.matchKeys) expect(entity.fields.map(({ name }) => name)).toContain(key);
		});

		it('keeps what is written; a change moves the revision and the time of just its field', async () => {
			const record = await insert(values(0));
			const [, other] = sampleOf('name');
			await database.db.execute(
				sql`update ${sql.identifier(entity.recordTable)} set name = ${String(other)} where id = ${record.id}::bigint`
			);
			const changed = await readOne(record.id);
			expect(
				BigInt(changed?.rev ?? '0'),
				'rev is kept by a trigger: does the migration attach the entity?'
			).toBeGreaterThan(BigInt(record.rev));
			expect(Object.keys(changed?.changed ?? {})).toEqual(['name']);
		});

		it('writes only onto the revision that was read', async () => {
			const record = await insert(values(0));
			const [, name] = sampleOf('name');
			const write = { id: record.id, rev: record.rev, fields: { name }, changed: {} };
			const set = () => database.db.transaction((tx) => entity.store.compareAndSet(tx, [write]));
			expect([...(await set()).keys()]).toEqual([record.id]);
			expect([...(await set()).keys()]).toEqual([]);
		});

		it('is found by its match keys', async () => {
			const record = await insert(values(0));
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
			for (const { name } of fields.filter(({ name }) => name !== 'value')) {
				const [, other] = sampleOf(name);
				await story.editInternal(story.internalId, { [name]: other });
				await story.run();
				const theirs = story.memory.record(entity.name, story.externalId)?.fields[name];
				expect(same(entity, name, theirs, other), `${name} is sent`).toBe(true);
				const [first] = sampleOf(name);
				story.memory.edit(entity.name, story.externalId, { [name]: first });
				await story.run();
				expect(same(entity, name, (await story.internal(story.internalId))?.[name], first), `${name} is received`).toBe(
					true
				);
			}
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

	/** A channel in memory that carries the entity, with one linked pair that agrees. */
	async function linkedStory() {
		const memoryFields = fields.map(({ name, type }) => ({ name, type }));
		const memory = createMemoryChannel({
			clock: wallClock,
			stampResolutionMs: 1,
			overlapMs: 200,
			entities: { [entity.name]: memoryFields }
		});
		channels['shop'] = memory;
		const [row] = await database.db.execute<{ id: string }>(sql`
			insert into c_channel (name, connector, settings) values ('Shop', 'memory', '{"channel":"shop"}') returning id::text as id`);
		const channelId = row?.id ?? '';
		await database.db.execute(sql`
			insert into c_channel_entity (c_channel_id, entity, policy, schedule, push_live, pull_live)
			values (${channelId}::bigint, ${entity.name}, ${JSON.stringify(defaultPolicy)}::text::jsonb, ${JSON.stringify(defaultSchedule)}::text::jsonb, true, true)`);
		const story = storyOf(database.db, world.engine, channelId, memory, entity.name);
		const record = values(0);
		const internalId = (await insert(record)).id;
		const externalId = memory.add(entity.name, record);
		await story.link(internalId, externalId);
		return { ...story, internalId, externalId };
	}
}

function stillToWrite(entity: Entity, field: string): string {
	return `Still to write in src/entities/${entity.name}/conformance.pg.test.ts: two different values of "${field}" in samples.`;
}

function same(entity: Entity, name: string, one: Value | undefined, other: Value): boolean {
	const type = entity.fields.find((field) => field.name === name)?.type ?? 'text';
	return canonical(type, one ?? null) === canonical(type, other);
}
