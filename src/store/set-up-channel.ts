import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';

export type RecordTestInput = Person & { channelId: string; passed: boolean };
export type EndSetUpInput = Person & { channelId: string };
export type SetUpResult = { ok: true } | Refusal;

/** Keeps that a channel was tried, and when it last passed. */
export async function recordTest(db: Db, input: RecordTestInput): Promise<SetUpResult> {
	const { channelId, passed } = input;
	return retrying(db, async (tx): Promise<SetUpResult> => {
		const found = await tx.execute(sql`
			update c_channel set tested_at = ${passed ? sql`now()` : sql`tested_at`} where id = ${channelId}::bigint returning id`);
		if (found.length === 0) return unknownChannel(channelId);
		await writeAudit(tx, input, {
			action: 'test-channel',
			object: `channel/${channelId}`,
			channelId,
			detail: { passed }
		});
		return { ok: true };
	});
}

/** Puts the checklist of a channel away: its set-up is over. */
export async function endSetUp(db: Db, input: EndSetUpInput): Promise<SetUpResult> {
	const { channelId } = input;
	return retrying(db, async (tx): Promise<SetUpResult> => {
		const found = await tx.execute(
			sql`update c_channel set set_up_at = coalesce(set_up_at, now()) where id = ${channelId}::bigint returning id`
		);
		if (found.length === 0) return unknownChannel(channelId);
		await writeAudit(tx, input, { action: 'end-set-up', object: `channel/${channelId}`, channelId });
		return { ok: true };
	});
}
