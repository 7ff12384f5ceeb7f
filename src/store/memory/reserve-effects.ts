import type { ReserveEffectsInput } from '../reserve-effects.ts';
import type { Tables } from './tables.ts';

const dayMs = 24 * 3600 * 1000;

/** `reserveEffects` in memory: how many of the wanted effects may happen; the rest becomes a hold. */
export function reserveEffects(tables: Tables, input: ReserveEffectsInput): number {
	const { channelId, entity, kind } = input;
	const since = tables.nowPlus(-dayMs);
	let used = 0;
	let granted = 0;
	for (const row of tables.ceilingsOf(channelId, entity, kind)) {
		if (row.hour <= since) continue;
		used += row.used;
		granted += row.granted;
	}
	const limit = input.limit + granted;
	const allowed = Math.max(0, Math.min(input.wanted, limit - used));
	if (allowed > 0) use(tables, input, allowed);
	const waiting = input.wanted - allowed;
	if (waiting > 0) hold(tables, input, waiting, limit);
	return allowed;
}

function use(tables: Tables, { channelId, entity, kind }: ReserveEffectsInput, effects: number): void {
	const hour = `${tables.now().slice(0, 13)}:00:00.000000Z`;
	const row = tables.ceiling(channelId, entity, kind, hour);
	if (row) {
		tables.ceilings.replace(row, { ...row, used: row.used + effects });
		return;
	}
	tables.ceilings.insert({ channelId, entity, kind, hour, used: effects, granted: 0 });
	tables.requireChannel('sync_ceiling', channelId);
}

function hold(tables: Tables, input: ReserveEffectsInput, waiting: number, limit: number): void {
	const { channelId, entity, kind, runId } = input;
	const id = tables.holds.nextId();
	const open = tables.openHold(channelId, entity, kind);
	if (open) {
		tables.holds.replace(open, { ...open, waiting: open.waiting + waiting, runId });
		return;
	}
	const decided = { state: 'open', decidedBy: null, decidedAt: null };
	tables.holds.insert({ id, channelId, entity, kind, runId, waiting, limit, ...decided, createdAt: tables.now() });
	tables.requireChannel('sync_hold', channelId);
}
