import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { syncedFields, type Entity } from '#src/entities/entity.ts';
import type { Value } from '#src/sync/fields.ts';
import { explains, learnRewriting, type Rewriting } from '#src/sync/rewriting.ts';
import { textArray } from '#src/entities/record-store.ts';

/** What a channel seems to do to the values of a field, with one example of it. */
export type LearnedRewriting = {
	field: string;
	rewriting: Rewriting;
	sent: Value;
	returned: Value;
};

/** Newest conflicts of a field that are looked at. */
const conflictsAtMost = 1000;

/**
 * What explains the open conflicts in which a value of ours came back changed and nobody was seen to change it: the channel
 * stores it so. Only what explains nearly all of them is told.
 */
export async function learnedRewritings(
	db: Db,
	entity: Entity,
	{ channelId }: { channelId: string }
): Promise<LearnedRewriting[]> {
	const names = syncedFields(entity).map(({ name }) => name);
	const rows = await db.execute<{ field: string; sent: Value; returned: Value }>(sql`
		select f.field, k.base as sent, k.external as returned from unnest(${textArray(names)}::text[]) as f(field) cross join lateral (
			select base, external, rule from sync_conflict where c_channel_id = ${channelId}::bigint and entity = ${entity.name}
				and field = f.field and state = 'open' order by id desc limit ${conflictsAtMost}) k
		where k.rule = 'ask: value-unconfirmed'`);
	const byField = Map.groupBy(rows, ({ field }) => field);
	return syncedFields(entity).flatMap(({ name, type }) => {
		const samples = byField.get(name) ?? [];
		const rewriting = learnRewriting(type, samples);
		const example = rewriting && samples.find((sample) => explains(type, rewriting, sample));
		return rewriting && example ? [{ field: name, rewriting, sent: example.sent, returned: example.returned }] : [];
	});
}
