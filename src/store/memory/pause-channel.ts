import type { PauseChannelInput, PauseChannelResult } from '../pause-channel.ts';
import { pausedAsCopy, unknownChannel } from '../refusals.ts';
import { writeAudit } from './person-journal.ts';
import type { Tables } from './tables.ts';

/** `pauseChannel` in memory. */
export function pauseChannel(tables: Tables, input: PauseChannelInput): PauseChannelResult {
	return setPaused(tables, input, true);
}

/** `resumeChannel` in memory. */
export function resumeChannel(tables: Tables, input: PauseChannelInput): PauseChannelResult {
	return setPaused(tables, input, false);
}

function setPaused(tables: Tables, input: PauseChannelInput, paused: boolean): PauseChannelResult {
	const { channelId } = input;
	const channel = tables.channels.get(channelId);
	if (!channel) return unknownChannel(channelId);
	const { name } = channel;
	if ((channel.pausedAt !== null) === paused) return { ok: true, name, changed: false };
	if (channel.pausedReason === 'copy') return pausedAsCopy();
	const now = tables.now();
	const set = { pausedAt: paused ? now : null, pausedReason: paused ? 'person' : null, updatedAt: now };
	tables.channels.replace(channel, { ...channel, ...set });
	writeAudit(tables, input, { action: paused ? 'pause' : 'resume', object: `channel/${channelId}`, channelId });
	return { ok: true, name, changed: true };
}
