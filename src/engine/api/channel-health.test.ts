import { describe, expect, it } from 'vitest';
import { entityHealth, worstHealth } from './channel-health.ts';

const nowMs = Date.parse('2026-01-01T12:00:00Z');
const fine = { pausedAt: null, pausedReason: null, problem: null };
const runAt = (startedAt: string, state = 'succeeded') => ({
	id: '1',
	mode: 'incremental',
	state,
	queuedAt: startedAt,
	startedAt,
	endedAt: startedAt,
	problem: null
});
const entity = {
	lastRun: runAt('2026-01-01T11:59:58Z'),
	failures: 0,
	schedule: { everySeconds: 5 },
	pushLive: true,
	pullLive: false
};
const problem = { kind: 'unreachable', message: 'm', hint: 'h', at: 'a' };

describe('the health of a channel', () => {
	it.each([
		['on-time', fine, entity],
		['watching', fine, { ...entity, pushLive: false }],
		['never-ran', fine, { ...entity, lastRun: null }],
		['paused', { ...fine, pausedAt: 'x', pausedReason: 'person' }, entity],
		['copy', { ...fine, pausedAt: 'x', pausedReason: 'copy' }, entity],
		['problem', { ...fine, problem }, entity],
		['problem', fine, { ...entity, lastRun: runAt('2026-01-01T11:59:58Z', 'failed') }],
		['delayed', fine, { ...entity, lastRun: runAt('2026-01-01T11:58:00Z') }],
		['on-time', fine, { ...entity, lastRun: runAt('2026-01-01T11:58:00Z', 'running') }],
		['on-time', fine, { ...entity, lastRun: runAt('2026-01-01T11:58:00Z'), schedule: { everySeconds: 3600 } }],
		[
			'delayed',
			fine,
			{ ...entity, lastRun: runAt('2025-12-29T06:30:00Z'), schedule: { cron: '30 6 * * *', zone: 'UTC' } }
		]
	])('is %s', (health, channel, of) => {
		expect(entityHealth(channel, of, nowMs)).toBe(health);
	});
	it('is that of its worst part', () => {
		expect(worstHealth(['on-time', 'delayed', 'watching'])).toBe('delayed');
	});
});
