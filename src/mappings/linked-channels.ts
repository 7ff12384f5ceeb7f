import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { executePlanned } from '#src/db/execute-planned.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkTable } from '#src/store/link-state.ts';
import { isId } from './identifier.ts';

/** In how many channels a record of ours is linked. */
export async function linkedChannels(db: Db, input: { entity: string; id: string }): Promise<number> {
	const entity = entityNamed(input.entity);
	if (!entity || !isId(input.id)) return 0;
	const { map, internal } = linkTable(entity);
	const [row] = await executePlanned<{ channels: number }>(
		db,
		sql`select count(distinct c_channel_id)::int as channels from ${map} where ${internal} = ${input.id}::bigint`
	);
	return row?.channels ?? 0;
}
