import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Role } from '#src/auth/roles.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import type { RunAttempt } from '#src/store/begin-run.ts';
import { createChannel } from '#src/store/create-channel.ts';
import { matchKeysOf } from '#src/sync/match.ts';

export const secretKey = 'the secret key of a test';

/** A person of that role, at the web. */
export const as = (role: Role) => ({ actor: { name: `${role}@example.org`, role }, via: 'web' as const });
export const operator = as('operator');
export const administrator = as('administrator');

/** A channel that carries products and business partners, watching. */
export async function aChannel(db: Db, name = 'ERP'): Promise<string> {
	const entities = ['product', 'business-partner'];
	const result = await createChannel(db, {
		...administrator,
		name,
		connector: 'memory',
		settings: {},
		credentials: {},
		entities,
		secretKey
	});
	if (!result.ok) throw new Error(result.message);
	return result.channelId;
}

/** A run over the channel's products that goes on, and whose it is. */
export async function aRun(db: Db, channelId: string): Promise<RunAttempt> {
	const [run] = await db.execute<RunAttempt>(sql`
		insert into sync_run (c_channel_id, entity, mode, started_by, state, attempt, heartbeat_at)
		values (${channelId}::bigint, 'product', 'full', 'test', 'running', 1, now()) returning id::text as "runId", attempt`);
	if (!run) throw new Error('no run');
	return run;
}

/** A product of ours. */
export async function aProduct(db: Db, value: string, name = `Name of ${value}`): Promise<string> {
	const [row] = await db.execute<{ id: string }>(
		sql`insert into m_product (value, name, price) values (${value}, ${name}, 12.5) returning id::text as id`
	);
	return row?.id ?? '';
}

/** A product of the channel, as a scan would have stored it. */
export async function anExternal(db: Db, channelId: string, externalId: string, value = externalId): Promise<string> {
	const fields = JSON.stringify({ value, name: `Theirs ${value}`, price: '12.5' });
	const keys = JSON.stringify(matchKeysOf(['value'], { value }));
	await db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields, version, match_keys)
		values (${channelId}::bigint, 'product', ${externalId}, ${fields}::text::jsonb, 'v1', array(select jsonb_array_elements_text(${keys}::text::jsonb)))`);
	return externalId;
}

/** A suggestion for the pair. */
export async function aSuggestion(
	db: Db,
	channelId: string,
	internalId: string,
	externalId: string,
	score = 100
): Promise<string> {
	const [row] = await db.execute<{ id: string }>(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, score, evidence)
		values (${channelId}::bigint, 'product', ${internalId}::bigint, ${externalId}, ${score}, '[]') returning id::text as id`);
	return row?.id ?? '';
}

/** Everything that a link's row holds, by its id. */
export async function linkRow(db: Db, linkId: string): Promise<Record<string, unknown> | undefined> {
	const [row] = await db.execute(
		sql`select *, state_rev::int as rev, (dirty_seq > clean_seq) as dirty from c_channel_map_product where id = ${linkId}::bigint`
	);
	return row;
}

/** What a worker's commit leaves behind: in sync, clean, with bases. */
export async function settle(
	db: Db,
	linkId: string,
	fields: Record<string, unknown> = { price: '12.500000' }
): Promise<void> {
	await db.execute(sql`
		update c_channel_map_product set status = 'in-sync', clean_seq = dirty_seq, base_internal = ${JSON.stringify(fields)}::text::jsonb,
			base_external = ${JSON.stringify(fields)}::text::jsonb, internal_version = '1', external_version = 'v1', waiting = null
		where id = ${linkId}::bigint`);
}

/** Actions in the journal about a link or record, oldest first. */
export async function journal(db: Db, where: ReturnType<typeof sql>): Promise<string[]> {
	const rows = await db.execute<{ action: string }>(sql`select action from sync_decision where ${where} order by id`);
	return rows.map(({ action }) => action);
}

type Pair = { internalId: string; externalId: string; override?: boolean; isPrimary?: boolean };

/** Linking at one channel, and what it leaves behind. */
export function linking(db: Db, channelId: () => string) {
	let counter = 0;
	/** A fresh product and a record of the channel with the same code. */
	const pair = async () => {
		const code = `P-${++counter}`;
		return { internalId: await aProduct(db, code), externalId: await anExternal(db, channelId(), `x${counter}`, code) };
	};
	const link = (of: Pair) =>
		linkRecords(db, { channelId: channelId(), entity: 'product', variantId: '', ...of, ...operator });
	const linked = async () => {
		const of = await pair();
		const result = await link(of);
		if (!result.ok) throw new Error(result.message);
		return { ...of, linkId: result.linkId };
	};
	const exclusions = async (internalId: string, externalId: string) => {
		const rows = await db.execute<{ kind: string; side: string }>(sql`
			select kind, case when internal_id is null then 'external' when external_id is null then 'internal' else 'both' end as side
			from c_channel_exclusion where internal_id = ${internalId}::bigint or external_id = ${externalId} order by 1, 2`);
		return rows.map(({ kind, side }) => `${kind} ${side}`);
	};
	/** Sides on which a record is on the waiting list. */
	const waitingFor = async (recordId: string) => {
		const rows = await db.execute<{ side: string }>(
			sql`select side from sync_candidate where record_id = ${recordId} order by side`
		);
		return rows.map(({ side }) => side);
	};
	return { pair, link, linked, exclusions, waitingFor };
}
