import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { storeCredentials } from './create-channel.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import { refusal, type Refusal } from './refusal.ts';
import { unknownChannel } from './refusals.ts';
import { retrying } from './transaction.ts';

export type SaveCredentialsInput = Person & {
	channelId: string;
	/** Plain values by field; fields left out stay. */
	credentials: Readonly<Record<string, string>>;
	secretKey: string;
};
export type SaveCredentialsResult = { ok: true; fields: string[] } | Refusal;

/** Replaces credentials, sealed. What they say appears nowhere else; a channel stopped by wrong ones is tried again at once. */
export async function saveCredentials(db: Db, input: SaveCredentialsInput): Promise<SaveCredentialsResult> {
	const fields = Object.keys(input.credentials);
	if (fields.length === 0) return refusal('invalid', 'No credential was given.', 'Fill in at least one.');
	return retrying(db, async (tx): Promise<SaveCredentialsResult> => {
		const stored = await tx.execute(storeCredentials(input));
		if (stored.length === 0) return unknownChannel(input.channelId);
		await tx.execute(sql`
			update c_channel set problem = null where id = ${input.channelId}::bigint and problem ->> 'kind' in ('unauthorized', 'unreadable-credential')`);
		await tx.execute(
			sql`update c_channel_entity set failures = 0 where c_channel_id = ${input.channelId}::bigint and failures > 0`
		);
		await writeAudit(tx, input, {
			action: 'save-credentials',
			object: `channel/${input.channelId}`,
			channelId: input.channelId,
			detail: { fields }
		});
		return { ok: true, fields };
	});
}
