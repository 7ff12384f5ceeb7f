import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { inScope, type ScopeSide, type SideScopes } from '#src/sync/scope.ts';
import type { Exclusion, Pair } from './exclusions.ts';

/** Which records of a channel and entity take part, as it stands now. */
export async function scopeOf(tx: Transaction, channelId: string, entity: string): Promise<SideScopes> {
	const [row] = await tx.execute<{ scope: SideScopes | null }>(sql`
		select policy -> 'scope' as scope from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity}`);
	return row?.scope ?? {};
}

/** Which of the two records of a pair are out of scope; one that is not there is not. */
export async function sidesOutside(tx: Transaction, entity: Entity, pair: Pair): Promise<ScopeSide[]> {
	const { internal, external } = await scopeOf(tx, pair.channelId, entity.name);
	if (!internal && !external) return [];
	const [ours] = internal ? await entity.store.read(tx, [pair.internalId]) : [];
	const [theirs] = external
		? await tx.execute<{ fields: Fields }>(sql`
			select r.fields from c_channel_record r where r.c_channel_id = ${pair.channelId}::bigint and r.entity = ${entity.name}
				and r.external_id = ${pair.externalId} and r.external_variant_id = ${pair.variantId}`)
		: [];
	return outsideAmong({ internal, external }, { internal: ours?.fields, external: theirs?.fields });
}

/** The sides whose values are out of scope. */
export function outsideAmong(scope: SideScopes, fields: Readonly<Record<ScopeSide, Fields | undefined>>): ScopeSide[] {
	return (['internal', 'external'] as const).filter((side) => {
		const values = fields[side];
		return values !== undefined && !inScope(values, scope[side]);
	});
}

/** What a person linked although it spoke against it, for the journal. */
export function overriddenBy(exclusions: readonly Exclusion[], outside: readonly ScopeSide[]) {
	return [
		...exclusions.map(({ kind, side, reason }) => ({ kind, side, reason })),
		...outside.map((side) => ({ kind: 'scope', side, reason: '' }))
	];
}
