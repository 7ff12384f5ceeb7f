import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import { isUniqueViolation } from './postgres-error.ts';
import type { Refusal } from './refusal.ts';
import { channelNameTaken, unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';

export type SaveChannelInput = Person & {
	channelId: string;
	name: string;
	settings?: Readonly<Record<string, unknown>>;
};
export type SaveChannelResult = { ok: true } | Refusal;

/** Renames a channel and, where given, replaces its settings. */
export async function saveChannel(db: Db, input: SaveChannelInput): Promise<SaveChannelResult> {
	const { channelId, name } = input;
	try {
		return await retrying(db, async (tx): Promise<SaveChannelResult> => {
			const settings =
				input.settings === undefined ? sql`settings` : sql`${JSON.stringify(input.settings)}::text::jsonb`;
			const saved = await tx.execute(sql`
				update c_channel set name = ${name}, settings = ${settings}, updated_at = now() where id = ${channelId}::bigint returning id`);
			if (saved.length === 0) return unknownChannel(channelId);
			const detail = { name, settings: input.settings === undefined ? 'kept' : 'replaced' };
			await writeAudit(tx, input, { action: 'save-channel', object: `channel/${channelId}`, channelId, detail });
			return { ok: true };
		});
	} catch (error) {
		if (!isUniqueViolation(error)) throw error;
		return channelNameTaken(name);
	}
}
