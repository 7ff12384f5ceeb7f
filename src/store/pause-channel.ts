import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { pausedAsCopy, unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';

export type PauseChannelInput = Person & { channelId: string };
export type PauseChannelResult = { ok: true; name: string; changed: boolean } | Refusal;

/** Stops everything about a channel, reading included; a run under way ends at its next step. */
export async function pauseChannel(db: Db, input: PauseChannelInput): Promise<PauseChannelResult> {
	return setPaused(db, input, true);
}

/** Lets a paused channel go on. Not where this installation looks like a copy: see `rearmInstallation`. */
export async function resumeChannel(db: Db, input: PauseChannelInput): Promise<PauseChannelResult> {
	return setPaused(db, input, false);
}

async function setPaused(db: Db, input: PauseChannelInput, paused: boolean): Promise<PauseChannelResult> {
	const { channelId } = input;
	return retrying(db, async (tx): Promise<PauseChannelResult> => {
		const [channel] = await tx.execute<{ name: string; paused: boolean; reason: string | null }>(sql`
			select name, paused_at is not null as paused, paused_reason as reason from c_channel where id = ${channelId}::bigint for update`);
		if (!channel) return unknownChannel(channelId);
		if (channel.paused === paused) return { ok: true, name: channel.name, changed: false };
		if (channel.reason === 'copy') return pausedAsCopy();
		await tx.execute(sql`
			update c_channel set paused_at = ${paused ? sql`now()` : sql`null`}, paused_reason = ${paused ? 'person' : null}, updated_at = now()
			where id = ${channelId}::bigint`);
		await writeAudit(tx, input, { action: paused ? 'pause' : 'resume', object: `channel/${channelId}`, channelId });
		return { ok: true, name: channel.name, changed: true };
	});
}
