import { seal } from '#src/db/seal.ts';
import type { Person } from '../person.ts';
import { refusal } from '../refusal.ts';
import { unknownChannel } from '../refusals.ts';
import type { SaveCredentialsInput, SaveCredentialsResult } from '../save-credentials.ts';
import { writeAudit } from './person-journal.ts';
import type { ChannelRow, Tables } from './tables.ts';

/** `saveCredentials` in memory. */
export function saveCredentials(tables: Tables, input: SaveCredentialsInput): SaveCredentialsResult {
	const fields = Object.keys(input.credentials);
	if (fields.length === 0) return refusal('invalid', 'No credential was given.', 'Fill in at least one.');
	const { channelId } = input;
	const channel = tables.channels.get(channelId);
	if (!channel) return unknownChannel(channelId);
	const wrong = ['unauthorized', 'unreadable-credential'].includes(channel.problem?.kind ?? '');
	const stored = withCredentials(tables, channel, input);
	tables.channels.replace(channel, wrong ? { ...stored, problem: null } : stored);
	for (const row of [...tables.channelEntities.all()]) {
		if (row.channelId === channelId && row.failures > 0) tables.channelEntities.replace(row, { ...row, failures: 0 });
	}
	writeAudit(tables, input, {
		action: 'save-credentials',
		object: `channel/${channelId}`,
		channelId,
		detail: { fields }
	});
	return { ok: true, fields };
}

/** `storeCredentials` in memory: the channel's row with these credentials. */
export function withCredentials(
	tables: Tables,
	channel: ChannelRow,
	input: Person & { credentials: Readonly<Record<string, string>>; secretKey: string }
): ChannelRow {
	const given = Object.entries(input.credentials);
	const sealed = given.map(([field, plain]) => [field, seal(input.secretKey, plain, channel.id, field)]);
	const changed = given.map(([field]) => [field, { at: tables.now(), by: input.actor.name }]);
	return {
		...channel,
		credentials: { ...channel.credentials, ...Object.fromEntries(sealed) },
		credentialsChanged: { ...channel.credentialsChanged, ...Object.fromEntries(changed) },
		updatedAt: tables.now()
	};
}
