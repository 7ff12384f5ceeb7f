import { expect, test } from 'vitest';
import type { ChannelEntityRow, ChannelRow } from '#src/mappings/channel-row.ts';
import { channelView } from './channel-health.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const ranAt = '2026-01-01T11:59:58Z';

function anEntity(entity: string, live: boolean, state = 'succeeded'): ChannelEntityRow {
	const lastRun = { id: '1', mode: 'incremental', state, queuedAt: ranAt, startedAt: ranAt, endedAt: ranAt };
	return {
		entity,
		pushLive: live,
		pullLive: live,
		lastRun: { ...lastRun, problem: null },
		held: 0,
		schedule: { everySeconds: 5 },
		counts: {}
	} as unknown as ChannelEntityRow;
}

const healthOf = (...entities: ChannelEntityRow[]) => {
	const row: ChannelRow = {
		id: '1',
		name: 'ERP',
		connector: 'memory',
		pausedAt: null,
		pausedReason: null,
		problem: null,
		entities
	};
	return channelView(row, nowMs).health;
};

test('a channel of which some kinds of records are live and others are not is partly live', () => {
	expect(healthOf(anEntity('product', true), anEntity('business-partner', true))).toBe('on-time');
	expect(healthOf(anEntity('product', false), anEntity('business-partner', false))).toBe('watching');
	expect(healthOf(anEntity('product', true), anEntity('business-partner', false))).toBe('partly-live');
	expect(healthOf(anEntity('product', true), anEntity('business-partner', false, 'failed'))).toBe('failing');
});
