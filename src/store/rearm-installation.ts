import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { readInstallationPlace } from './installation.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import { refusal, type Refusal } from './refusal.ts';
import { retrying } from './transaction.ts';

/** `origin`: the web's address where an administrator gave it, else 'default'. */
export type RearmInstallationInput = Person & { origin: string };
export type RearmInstallationResult = { ok: true; channels: number } | Refusal;

/**
 * Makes this database, at this address, the one installation that may write. Channels that were paused because it looked
 * like a copy stay paused, now by this person, so that each is resumed on purpose. Its references stay recognisable.
 */
export async function rearmInstallation(db: Db, input: RearmInstallationInput): Promise<RearmInstallationResult> {
	const place = await readInstallationPlace(db);
	return retrying(db, async (tx): Promise<RearmInstallationResult> => {
		const armed = await tx.execute(sql`
			update sync_installation set system_identifier = ${place.systemIdentifier}, database_name = ${place.databaseName}, origin = ${input.origin}
			where id = 1 returning id`);
		if (armed.length === 0) {
			return refusal(
				'stale',
				'This installation has not started its engine yet.',
				'Start the sync engine, then try again.'
			);
		}
		const freed = await tx.execute(sql`
			update c_channel set paused_reason = 'person', updated_at = now()
			where id in (select id from c_channel where paused_reason = 'copy' order by id for update) returning id`);
		const detail = { ...place, origin: input.origin, channels: freed.length };
		await writeAudit(tx, input, { action: 'rearm', object: 'installation', channelId: null, detail });
		return { ok: true, channels: freed.length };
	});
}
