import { sql } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { DecisionChange, LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Person } from './person.ts';

export type JournalEntry = {
	/** Null where it is about a record of ours alone. */
	channelId: string | null;
	entity: string;
	linkId: string | null;
	internalId: string | null;
	externalId: string | null;
	variantId: string;
	action: string;
	inputs?: Record<string, unknown>;
	changes?: readonly DecisionChange[];
	/** What the same transaction made of the link's row; absent where it left that alone. */
	linkState?: LinkStateDelta | null;
};

/** Writes a person's choice to the journal, in the transaction of the choice. */
export async function writeJournal(tx: Transaction, { actor }: Person, entry: JournalEntry): Promise<void> {
	await tx.execute(sql`
		insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, changes, link_state)
		values (${entry.channelId}::bigint, ${entry.entity}, ${entry.linkId}::bigint, ${entry.internalId}::bigint, ${entry.externalId}, ${entry.variantId},
			${actor.name}, ${entry.action}, ${JSON.stringify(entry.inputs ?? {})}::text::jsonb, ${JSON.stringify(entry.changes ?? [])}::text::jsonb,
			${entry.linkState ? JSON.stringify(entry.linkState) : null}::text::jsonb)`);
}

export type AuditEntry = {
	action: string;
	/** Kind and id: `product-link/12`, `channel/3`. */
	object: string;
	channelId: string | null;
	/** Never a secret. */
	detail?: Record<string, unknown>;
};

/** Writes who did what to the audit trail, in the transaction in which it was done. */
export async function writeAudit(tx: Transaction, { actor, via }: Person, entry: AuditEntry): Promise<void> {
	await tx.execute(sql`
		insert into audit_event (actor, via, action, object, c_channel_id, detail)
		values (${actor.name}, ${via}, ${entry.action}, ${entry.object}, ${entry.channelId}::bigint, ${JSON.stringify(entry.detail ?? {})}::text::jsonb)`);
}
