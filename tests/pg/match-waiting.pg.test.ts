import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { matchWaiting } from '#src/engine/runs/match-waiting.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Entity } from '#src/entities/entity.ts';
import { createStore } from '#src/store/store.ts';
import { matchKeysOf, matchRecords, type MatchSuggestion } from '#src/sync/match.ts';
import { testDatabase } from './database.ts';
import { aChannel, aRun } from './people.ts';

const database = await testDatabase();
afterAll(database.close);
const { db } = database;
const entity = entityNamed('product') as Entity;
const gtins = ['4006381333931', '4006381333948', '4006381333955'];
const spellings = [(n: number) => `AB-${n}`, (n: number) => `ab ${n}`, (n: number) => `A.B.${n}`];

/** Codes that one, two or three records of a side have, in several spellings; some share a GTIN beside. */
function coded(count: number, codes: number, step: number) {
	return Array.from({ length: count }, (_, n) => {
		const value = spellings[(n * step + Math.floor(n / codes)) % 3]?.((n * step) % codes) ?? '';
		const gtin = n % 17 === 3 ? (gtins[n % 3] ?? null) : null;
		return {
			value: n >= codes && step === 1 ? `${value}-` : value,
			name: `Lamp ${n % 5}`,
			gtin,
			price: `${n % 7}.000000`
		};
	});
}

const channelId = await aChannel(db);
const { runId, attempt } = await aRun(db, channelId);
const ours = await Promise.all(
	coded(90, 70, 1).map(async (fields) => {
		const [row] = await db.execute<{ id: string }>(sql`
			insert into m_product (value, name, gtin, price) values (${fields.value}, ${fields.name}, ${fields.gtin}, ${fields.price}::numeric)
			returning id::text as id`);
		return { internalId: row?.id ?? '', fields };
	})
);
const theirs = coded(120, 95, 7).map((fields, n) => ({ externalId: `X${n}`, variantId: '', fields }));
for (const { externalId, fields } of theirs) {
	const keys = JSON.stringify(matchKeysOf(entity.matchKeys, fields));
	await db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields, match_keys)
		select ${channelId}::bigint, 'product', ${externalId}, ${JSON.stringify(fields)}::text::jsonb,
			array(select jsonb_array_elements_text(${keys}::text::jsonb))`);
}

const told = (pairs: readonly Omit<MatchSuggestion, 'variantId'>[]) =>
	pairs.map((pair) => JSON.stringify([pair.internalId, pair.externalId, pair.score, pair.ambiguous, pair.best])).sort();

/** Everything that is free waits; what has become of it once nothing does any more. */
async function matched(size: number): Promise<string[]> {
	await db.execute(sql`delete from c_channel_suggestion`);
	await db.execute(sql`
		insert into sync_candidate (c_channel_id, entity, side, record_id)
		select ${channelId}::bigint, 'product', 'internal', id::text from m_product
		union all select ${channelId}::bigint, 'product', 'external', external_id from c_channel_record on conflict do nothing`);
	const channel = { id: channelId, installationKey: 'key', settingsRev: 1 } as Parameters<
		typeof matchWaiting
	>[0]['channel'];
	const checkpoint = () => Promise.resolve();
	const run = { id: runId, attempt } as Parameters<typeof matchWaiting>[0]['run'];
	expect(
		await matchWaiting(
			{ ports: { clock: { sleep: (ms) => sleep(ms) }, store: createStore(db) }, channel, entity, run, checkpoint },
			size
		)
	).toBe(true);
	const [left] = await db.execute<{ waiting: number }>(sql`select count(*)::int as waiting from sync_candidate`);
	expect(left?.waiting).toBe(0);
	const rows = await db.execute<Omit<MatchSuggestion, 'variantId'>>(sql`
		select internal_id::text as "internalId", external_id as "externalId", score, evidence, ambiguous, best from c_channel_suggestion`);
	return told(rows);
}

test('what is suggested is what the whole set says, however it is sliced', async () => {
	const [first, second] = [ours[0]?.internalId ?? '', ours[1]?.internalId ?? ''];
	await db.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, created_by) values (${channelId}::bigint, 'product', 'record', ${first}::bigint, 'ann')`);
	const pair = theirs.find(({ fields }) => matchKeysOf(['value'], fields)[0] === 'value=ab1')?.externalId ?? '';
	await db.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, external_id, created_by)
		values (${channelId}::bigint, 'product', 'pair', ${second}::bigint, ${pair}, 'ann')`);
	const expected = told(
		matchRecords({
			matchKeys: entity.matchKeys,
			internal: ours.slice(1),
			external: theirs,
			excluded: [{ internalId: second, externalId: pair, variantId: '' }]
		})
	);
	expect(expected.length).toBeGreaterThan(60);
	const ambiguous = expected.filter((text) => (JSON.parse(text) as unknown[])[3] === true).length;
	expect([ambiguous > 20, expected.length - ambiguous > 20]).toEqual([true, true]);
	for (const size of [1, 3, 40, 1000]) expect(await matched(size), `slices of ${size}`).toEqual(expected);
});
