import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { CustomField } from '#src/entities/custom-fields.ts';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { customFieldsJson, sourceJson } from './custom-fields.ts';

/** A channel as one entity's run sees it. */
export type ChannelState = {
	id: string;
	name: string;
	connector: string;
	settings: Record<string, unknown>;
	/** Sealed. */
	credentials: Record<string, string>;
	paused: boolean;
	entity: string;
	pushLive: boolean;
	pullLive: boolean;
	autoCreateExternal: boolean;
	autoCreateInternal: boolean;
	policy: ChannelEntityPolicy;
	/** Moves whenever a person saves settings of the channel for this entity. */
	settingsRev: number;
	/** Where the next incremental scan starts; null = never scanned. */
	cursor: string | null;
	sweptAt: string | null;
	fingerprint: string | null;
	/** Links of this channel and entity. */
	links: number;
	/** Fields that administrators added to the entity, in their order. */
	customFields: CustomField[];
	/** Where its records are kept; null = they are ours. */
	source: SourceDescriptor | null;
	/** Kinds of effects that wait for a person's approval. */
	held: string[];
	/** What our references at this channel start with; null before the installation is claimed. */
	installationKey: string | null;
};

/** Kinds of effects that wait for approval, of the row `e` of `c_channel_entity`. */
export const openHolds = sql`array(select h.kind from sync_hold h
	where h.c_channel_id = e.c_channel_id and h.entity = e.entity and h.state = 'open' order by h.id)`;

/** One channel with its state for one entity; null when either does not exist. */
export async function loadChannel(db: Db, input: { channelId: string; entity: string }): Promise<ChannelState | null> {
	const [row] = await db.execute<ChannelState & Record<string, unknown>>(sql`
		select c.id::text as id, c.name, c.connector, c.settings, c.credentials, c.paused_at is not null as paused,
			e.entity, e.push_live as "pushLive", e.pull_live as "pullLive", e.auto_create_external as "autoCreateExternal",
			e.auto_create_internal as "autoCreateInternal", e.policy, e.settings_rev as "settingsRev", e.cursor, cm_iso(e.swept_at) as "sweptAt", e.fingerprint,
			coalesce((select sum(n.links) from sync_link_count n where n.c_channel_id = c.id and n.entity = e.entity), 0)::int as links,
			${customFieldsJson(sql`e.entity`)} as "customFields", ${sourceJson(sql`e.entity`)} as source,
			${openHolds} as held,
			(select i.key from sync_installation i) as "installationKey"
		from c_channel c join c_channel_entity e on e.c_channel_id = c.id
		where c.id = ${input.channelId}::bigint and e.entity = ${input.entity}`);
	return row ?? null;
}

export type ChannelAccess = Pick<ChannelState, 'id' | 'name' | 'connector' | 'settings' | 'credentials' | 'paused'>;

/** A channel's connector, settings and sealed credentials; null when it does not exist. */
export async function loadChannelAccess(db: Db, input: { channelId: string }): Promise<ChannelAccess | null> {
	const [row] = await db.execute<ChannelAccess & Record<string, unknown>>(sql`
		select id::text as id, name, connector, settings, credentials, paused_at is not null as paused
		from c_channel where id = ${input.channelId}::bigint`);
	return row ?? null;
}
