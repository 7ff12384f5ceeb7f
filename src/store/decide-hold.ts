import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { fillCandidates } from './fill-candidates.ts';
import { disarm } from './go-live.ts';
import { grantEffects } from './grant-effects.ts';
import { writeAudit } from './journal.ts';
import { heldLinks } from './held-links.ts';
import { markLinks } from './mark-links.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { holdDecided } from './refusals.ts';
import { retrying } from './transaction.ts';

export type DecideHoldInput = Person & { holdId: string; decision: 'approve' | 'discard' };
export type DecideHoldResult = { ok: true; channelId: string; entity: string; kind: string; waiting: number } | Refusal;

type Hold = { channelId: string; entity: string; kind: string; waiting: number };

/**
 * Decides about effects beyond a ceiling. approve: as many more are allowed within the day, and they happen with the next
 * run. discard: none of them happens; the entity goes back to watching in both directions, in which nothing is written.
 * Of absences: the next complete listing is believed, and each record asked for by its id; or it is judged anew.
 */
export async function decideHold(db: Db, input: DecideHoldInput): Promise<DecideHoldResult> {
	return retrying(db, async (tx): Promise<DecideHoldResult> => {
		const [hold] = await tx.execute<Hold>(sql`
			update sync_hold set state = ${input.decision === 'approve' ? 'approved' : 'discarded'}, decided_by = ${input.actor.name}, decided_at = now()
			where id = ${input.holdId}::bigint and state = 'open'
			returning c_channel_id::text as "channelId", entity, kind, waiting`);
		if (!hold) return holdDecided();
		const known = entityNamed(hold.entity);
		if (known) hold.waiting = await heldLinks(tx, known, hold);
		if (input.decision === 'approve') await grant(tx, hold);
		else if (hold.kind !== 'absences') await disarm(tx, hold.channelId, hold.entity, ['push', 'pull']);
		const { channelId, entity, ...detail } = hold;
		await writeAudit(tx, input, {
			action: `${input.decision}-hold`,
			object: `hold/${input.holdId}`,
			channelId,
			detail: { entity, ...detail }
		});
		return { ok: true, channelId, entity, kind: hold.kind, waiting: hold.waiting };
	});
}

async function grant(tx: Transaction, hold: Hold): Promise<void> {
	const { channelId, entity: name, kind, waiting } = hold;
	await grantEffects(tx, { channelId, entity: name, kind, count: waiting });
	const entity = entityNamed(name);
	if (!entity || kind === 'absences') return;
	if (kind !== 'creates') {
		await markLinks(tx, entity, channelId, 'waiting');
		return;
	}
	const [auto] = await tx.execute<{ internal: boolean; external: boolean }>(sql`
		select auto_create_internal as internal, auto_create_external as external from c_channel_entity
		where c_channel_id = ${channelId}::bigint and entity = ${name}`);
	if (auto?.external) await fillCandidates(tx, entity, channelId, 'internal');
	if (auto?.internal) await fillCandidates(tx, entity, channelId, 'external');
}
