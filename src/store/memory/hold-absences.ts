import type { HoldAbsencesInput } from '../hold-absences.ts';
import type { Tables } from './tables.ts';

const dayMs = 24 * 3600 * 1000;

/** `holdAbsences` in memory. */
export function holdAbsences(tables: Tables, input: HoldAbsencesInput): 'allowed' | 'held' {
	const { channelId, entity, runId, missing, limit } = input;
	const since = tables.nowPlus(-dayMs);
	let granted = 0;
	for (const row of tables.ceilingsOf(channelId, entity, 'absences')) if (row.hour > since) granted += row.granted;
	if (missing <= limit + granted) return 'allowed';
	const id = tables.holds.nextId();
	const open = tables.openHold(channelId, entity, 'absences');
	if (open) {
		tables.holds.replace(open, { ...open, waiting: missing, runId });
		return 'held';
	}
	const decided = { state: 'open', decidedBy: null, decidedAt: null };
	const about = { channelId, entity, kind: 'absences', runId, waiting: missing, limit };
	tables.holds.insert({ id, ...about, ...decided, createdAt: tables.now() });
	tables.requireChannel('sync_hold', channelId);
	return 'held';
}
