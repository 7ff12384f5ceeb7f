import { inScope, type ScopeSide, type SideScopes } from '#src/sync/scope.ts';
import type { Pair } from '../exclusions.ts';
import { outsideAmong } from '../scope-of.ts';
import type { Tables } from './tables.ts';

/** `scopeOf` in memory. */
export function scopeOf(tables: Tables, channelId: string, entity: string): SideScopes {
	return tables.channelEntity(channelId, entity)?.policy.scope ?? {};
}

/** `sidesOutside` in memory. */
export function sidesOutside(tables: Tables, pair: Pair): ScopeSide[] {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	return outsideAmong(scopeOf(tables, channelId, entity), {
		internal: tables.of(entity).records.get(internalId)?.record.fields,
		external: tables.channelRecord(channelId, entity, externalId, variantId)?.fields
	});
}

/** `leaveScope` in memory. */
export function leaveScope(tables: Tables, entity: string, channelId: string, scope: SideScopes): void {
	for (const suggestion of [...tables.suggestionsOf(channelId, entity)]) {
		if (sidesOutside(tables, { ...suggestion, channelId, entity }).length > 0) tables.suggestions.remove(suggestion);
	}
	for (const row of [...tables.awaiting.all()]) {
		if (row.channelId !== channelId || row.entity !== entity || row.owner === 'link') continue;
		const pair = { channelId, entity, internalId: '', externalId: '', variantId: row.variantId };
		const owner = row.owner === 'internal' ? { internalId: row.ownerId } : { externalId: row.ownerId };
		if (sidesOutside(tables, { ...pair, ...owner }).length > 0) tables.awaiting.remove(row);
	}
	for (const intent of [...tables.openIntents(channelId, entity)]) {
		if (intent.sentAt === null && !inScope(intent.fields, scope.internal)) tables.intents.remove(intent);
	}
}
