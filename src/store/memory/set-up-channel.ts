import { unknownChannel } from '../refusals.ts';
import type { EndSetUpInput, RecordTestInput, SetUpResult } from '../set-up-channel.ts';
import { writeAudit } from './person-journal.ts';
import type { Tables } from './tables.ts';

/** `recordTest` in memory. */
export function recordTest(tables: Tables, input: RecordTestInput): SetUpResult {
	const { channelId, passed } = input;
	const channel = tables.channels.get(channelId);
	if (!channel) return unknownChannel(channelId);
	if (passed) tables.channels.replace(channel, { ...channel, testedAt: tables.now() });
	const detail = { passed };
	writeAudit(tables, input, { action: 'test-channel', object: `channel/${channelId}`, channelId, detail });
	return { ok: true };
}

/** `endSetUp` in memory. */
export function endSetUp(tables: Tables, input: EndSetUpInput): SetUpResult {
	const { channelId } = input;
	const channel = tables.channels.get(channelId);
	if (!channel) return unknownChannel(channelId);
	tables.channels.replace(channel, { ...channel, setUpAt: channel.setUpAt ?? tables.now() });
	writeAudit(tables, input, { action: 'end-set-up', object: `channel/${channelId}`, channelId });
	return { ok: true };
}
