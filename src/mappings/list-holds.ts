import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { heldLinks } from '#src/store/held-links.ts';

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
	const counted: HoldRow[] = [];
	for (const row of rows) {
		const entity = entityNamed(row.entity);
		counted.push(entity ? { ...row, waiting: await heldLinks(db, entity, row) } : row);
	}
	return counted;
}
