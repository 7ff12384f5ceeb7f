import type { GoLiveInput, GoLiveResult } from '../go-live.ts';
import { startingAt } from '#src/sync/scope.ts';
import { withChannelSettings } from './channel-settings.ts';
import { markLinks } from './mark-links.ts';
import { writeAudit } from './person-journal.ts';
import { leaveScope } from './scope-of.ts';
import type { ChannelEntityRow, Tables } from './tables.ts';

/** `goLive` in memory. */
export function goLive(tables: Tables, input: GoLiveInput): GoLiveResult {
	return withChannelSettings<GoLiveResult>(tables, input, (before, entity) => {
		if (isLive(before, input)) return { ok: true, changed: false };
		const live = input.direction === 'push' ? { pushLive: true } : { pullLive: true };
		const { scope: said = {} } = before.policy;
		const { began } = entity;
		const scope = input.direction === 'pull' && began !== undefined ? startingAt(said, began, tables.now()) : said;
		const policy = scope === said ? before.policy : { ...before.policy, scope };
		tables.channelEntities.replace(before, { ...before, ...live, policy, settingsRev: before.settingsRev + 1 });
		if (scope !== said) leaveScope(tables, entity.name, input.channelId, scope);
		const links = markLinks(tables, entity.name, input.channelId, 'waiting');
		audit(tables, input, 'go-live', { links, ...(scope !== said && { scope }) });
		return { ok: true, changed: true };
	});
}

/** `stopLive` in memory. */
export function stopLive(tables: Tables, input: GoLiveInput): GoLiveResult {
	return withChannelSettings<GoLiveResult>(tables, input, (before, entity) => {
		if (!isLive(before, input)) return { ok: true, changed: false };
		disarm(tables, input.channelId, entity.name, [input.direction]);
		audit(tables, input, 'stop-live', {});
		return { ok: true, changed: true };
	});
}

/** `disarm` in memory. */
export function disarm(
	tables: Tables,
	channelId: string,
	entity: string,
	directions: readonly ('push' | 'pull')[]
): void {
	const before = tables.channelEntity(channelId, entity);
	if (!before) return;
	const [push, pull] = [!directions.includes('push'), !directions.includes('pull')];
	tables.channelEntities.replace(before, {
		...before,
		pushLive: before.pushLive && push,
		autoCreateExternal: before.autoCreateExternal && push,
		pullLive: before.pullLive && pull,
		autoCreateInternal: before.autoCreateInternal && pull,
		settingsRev: before.settingsRev + 1
	});
}

function isLive({ pushLive, pullLive }: ChannelEntityRow, { direction }: GoLiveInput): boolean {
	return direction === 'push' ? pushLive : pullLive;
}

function audit(tables: Tables, input: GoLiveInput, action: string, more: object): void {
	const { channelId, entity, direction } = input;
	const detail = { direction, ...more };
	writeAudit(tables, input, { action, object: `channel/${channelId}/${entity}`, channelId, detail });
}
