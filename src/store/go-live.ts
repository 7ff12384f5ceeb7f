import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { startingAt, type SideScopes } from '#src/sync/scope.ts';
import { withChannelSettings } from './channel-settings.ts';
import { writeAudit } from './journal.ts';
import { leaveScope } from './leave-scope.ts';
import { lockCreates } from './lock-creates.ts';
import { lockPages } from './lock-pages.ts';
import { markLinks } from './mark-links.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';

/** push: writing to the channel. pull: writing to our records. */
export type GoLiveInput = Person & { channelId: string; entity: string; direction: 'push' | 'pull' };
export type GoLiveResult = { ok: true; changed: boolean } | Refusal;

/**
 * Arms one direction: what waited for it happens with the next runs. Records that have a beginning are received from this
 * moment on, where nothing else was said: their history takes no part.
 */
export async function goLive(db: Db, input: GoLiveInput): Promise<GoLiveResult> {
	return withChannelSettings(db, input, async (tx, entity, before): Promise<GoLiveResult> => {
		if (input.direction === 'push' ? before.pushLive : before.pullLive) return { ok: true, changed: false };
		const scope = input.direction === 'pull' ? await startOf(tx, entity, before.policy) : null;
		if (scope) await lockCreates(tx, input.channelId, entity.name);
		const policy = scope
			? sql`, policy = policy || jsonb_build_object('scope', ${JSON.stringify(scope)}::text::jsonb)`
			: sql``;
		await tx.execute(sql`
			update c_channel_entity set ${input.direction === 'push' ? sql`push_live = true` : sql`pull_live = true`}, settings_rev = settings_rev + 1${policy}
			where c_channel_id = ${input.channelId}::bigint and entity = ${entity.name}`);
		if (scope) await leaveScope(tx, entity, input.channelId, scope);
		const links = await markLinks(tx, entity, input.channelId, 'waiting');
		await audit(tx, input, 'go-live', { links, ...(scope && { scope }) });
		return { ok: true, changed: true };
	});
}

/** The scope that starts now, of an entity whose records have a beginning; null where it stays as it is. */
async function startOf(
	tx: Transaction,
	{ began }: Entity,
	{ scope = {} }: ChannelEntityPolicy
): Promise<SideScopes | null> {
	if (began === undefined) return null;
	const [now] = await tx.execute<{ moment: string }>(sql`select cm_iso(now()) as moment`);
	const after = startingAt(scope, began, now?.moment ?? '');
	return after === scope ? null : after;
}

/** Puts one direction back to watching: it compares and writes nothing. Automatic creation in that direction ends as well. */
export async function stopLive(db: Db, input: GoLiveInput): Promise<GoLiveResult> {
	return withChannelSettings(db, input, async (tx, entity, before): Promise<GoLiveResult> => {
		if (!(input.direction === 'push' ? before.pushLive : before.pullLive)) return { ok: true, changed: false };
		await disarm(tx, input.channelId, entity.name, [input.direction]);
		await audit(tx, input, 'stop-live', {});
		return { ok: true, changed: true };
	});
}

/** Takes the arms of directions away. */
export async function disarm(
	tx: Transaction,
	channelId: string,
	entity: string,
	directions: readonly ('push' | 'pull')[]
): Promise<void> {
	await lockPages(tx, channelId, entity);
	const [push, pull] = [!directions.includes('push'), !directions.includes('pull')];
	await tx.execute(sql`
		update c_channel_entity set push_live = push_live and ${push}, auto_create_external = auto_create_external and ${push},
			pull_live = pull_live and ${pull}, auto_create_internal = auto_create_internal and ${pull}, settings_rev = settings_rev + 1
		where c_channel_id = ${channelId}::bigint and entity = ${entity}`);
}

function audit(tx: Transaction, input: GoLiveInput, action: string, detail: object): Promise<void> {
	const { channelId, entity, direction } = input;
	return writeAudit(tx, input, {
		action,
		object: `channel/${channelId}/${entity}`,
		channelId,
		detail: { direction, ...detail }
	});
}
