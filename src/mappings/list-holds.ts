import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

export type HoldRow = {
	id: string;
	channelId: string;
	channelName: string;
	entity: string;
	/** 'creates' | 'deactivations' | 'updates' | 'absences' */
	kind: string;
	waiting: number;
	limit: number;
	runId: string | null;
	createdAt: string;
};

/** Open holds, oldest first: effects beyond a ceiling, and absences that nobody believes yet, that wait for a person. */
export async function listHolds(
	db: Db,
	input: { channelId?: string | undefined; runId?: string | undefined } = {}
): Promise<HoldRow[]> {
	const ofChannel = input.channelId === undefined ? sql`true` : sql`h.c_channel_id = ${input.channelId}::bigint`;
	const ofRun = input.runId === undefined ? sql`true` : sql`h.run_id = ${input.runId}::bigint`;
	const rows = await db.execute<HoldRow>(sql`
		select h.id::text as id, h.c_channel_id::text as "channelId", c.name as "channelName", h.entity, h.kind, h.waiting,
			h."limit", h.run_id::text as "runId", cm_iso(h.created_at) as "createdAt"
		from sync_hold h join c_channel c on c.id = h.c_channel_id
		where h.state = 'open' and ${ofChannel} and ${ofRun} order by h.id limit 200`);
	return [...rows];
}
