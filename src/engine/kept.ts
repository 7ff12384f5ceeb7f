import { createHash } from 'node:crypto';
import type { ChannelAccess } from '#src/store/load-channel.ts';

/** What connectors keep from one session of a channel to the next, in memory only: a token that is still good. */
export type Kept = {
	/** What is kept for the channel under these settings and credentials; with others, it starts empty. */
	of(channel: Pick<ChannelAccess, 'id' | 'settings' | 'credentials'>): Map<string, unknown>;
};

/** Keeps for one process, for each channel under its newest settings alone. */
export function createKept(): Kept {
	const channels = new Map<string, { under: string; values: Map<string, unknown> }>();
	return {
		of({ id, settings, credentials }) {
			const under = createHash('sha256')
				.update(JSON.stringify([settings, credentials]))
				.digest('base64url');
			const known = channels.get(id);
			if (known?.under === under) return known.values;
			const values = new Map<string, unknown>();
			channels.set(id, { under, values });
			return values;
		}
	};
}
