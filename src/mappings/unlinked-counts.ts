import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { isId } from './identifier.ts';
import { unlinkedExternal } from './list-unlinked-external.ts';
import { unlinkedInternal } from './list-unlinked-internal.ts';

/** How many records wait on each side. Counts stop at 10,000: show such a number as "10,000 or more". */
export type UnlinkedCounts = {
	internal: number;
	internalExcluded: number;
	external: number;
	externalExcluded: number;
	suggestions: number;
};

/** Counts above this are not worth their time. */
export const countAtMost = 10_000;

const none: UnlinkedCounts = { internal: 0, internalExcluded: 0, external: 0, externalExcluded: 0, suggestions: 0 };

/** Records without a link at one channel, by side, and suggestions that wait. */
export async function unlinkedCounts(db: Db, input: { channelId: string; entity: string }): Promise<UnlinkedCounts> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.channelId)) return none;
	const { channelId } = input;
	const records = sql.identifier(entity.recordTable);
	const ours = (excluded: boolean) =>
		sql`(select count(*) from (select 1 from ${records} r where ${unlinkedInternal(entity, channelId, excluded)} limit ${countAtMost}) n)::int`;
	const theirs = (excluded: boolean) =>
		sql`(select count(*) from (select 1 from c_channel_record r where ${unlinkedExternal(entity, channelId, excluded)} limit ${countAtMost}) n)::int`;
	const [row] = await db.execute<UnlinkedCounts>(sql`
		select ${ours(false)} as internal, ${ours(true)} as "internalExcluded", ${theirs(false)} as external, ${theirs(true)} as "externalExcluded",
			(select count(*) from (select 1 from c_channel_suggestion s where s.c_channel_id = ${channelId}::bigint and s.entity = ${entity.name}
				limit ${countAtMost}) n)::int as suggestions`);
	return row ?? none;
}
