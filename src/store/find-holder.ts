import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { linkTable } from './link-state.ts';
import type { Holder, Refusal } from './refusal.ts';
import { externalHeld, internalHeld } from './refusals.ts';

type Pair = { channelId: string; internalId: string; externalId: string; variantId: string; isPrimary: boolean };

/** The link that keeps this pair from being linked, as a refusal; null when nothing does any more. */
export async function heldBy(
	tx: Transaction,
	entity: Entity,
	pair: Pair,
	except: string | null = null
): Promise<Refusal | null> {
	const { map, internal, external } = linkTable(entity);
	const other = except === null ? sql`true` : sql`m.id <> ${except}::bigint`;
	const holder = async (condition: SQL) => {
		const [row] = await tx.execute<Holder>(sql`
			select m.id::text as "linkId", m.${internal}::text as "internalId", r.value, r.name, m.${external} as "externalId",
				m.external_variant_id as "variantId"
			from ${map} m left join ${sql.identifier(entity.recordTable)} r on r.id = m.${internal}
			where m.c_channel_id = ${pair.channelId}::bigint and ${other} and ${condition}`);
		return row;
	};
	const theirs = await holder(sql`m.${external} = ${pair.externalId} and m.external_variant_id = ${pair.variantId}`);
	if (theirs) return externalHeld(pair, theirs);
	const ours = pair.isPrimary
		? await holder(sql`m.${internal} = ${pair.internalId}::bigint and m.is_primary`)
		: undefined;
	return ours ? internalHeld(ours) : null;
}
