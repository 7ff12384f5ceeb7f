import { expect, it } from 'vitest';
import { createClocks } from './clocks.ts';
import type { HttpReply, HttpRequest } from './connectors/transport.ts';

const noon = Date.UTC(2026, 10, 28, 12);
const hourMs = 3_600_000;

/** Clocks of an engine at noon; `reply` has one channel answer. */
function measured() {
	const nowMs = () => noon;
	const clocks = createClocks({ nowMs, monotonicMs: nowMs, sleep: () => Promise.resolve() });
	clocks.observeDatabase(noon, noon, new Date(noon).toISOString());
	return {
		clocks,
		time: () => clocks.channelTimeMs('1', noon),
		async reply(dateMs: number | null, { status = 200, ...request }: Partial<HttpRequest & { status: number }> = {}) {
			const headers = dateMs === null ? {} : { date: new Date(dateMs).toUTCString() };
			const answer: HttpReply = { status, headers, text: '' };
			await clocks.measure('1', async () => answer)({ method: 'GET', url: 'http://channel.test', ...request });
		}
	};
}

it('a channel tells its time with each answer', async () => {
	const { clocks, time, reply } = measured();
	expect(time()).toBe(noon);
	expect(clocks.channelAgainstDatabase('1')).toBeNull();
	await reply(noon + hourMs);
	expect(time()).toBe(noon + hourMs);
	expect(clocks.channelAgainstDatabase('1')).toEqual({ offsetMs: hourMs + 500, uncertaintyMs: 500 });
});

it('a time that the next answer does not tell any more is not relied on', async () => {
	const { clocks, time, reply } = measured();
	await reply(noon + hourMs);
	await reply(null);
	expect(time()).toBe(noon);
	expect(clocks.channelAgainstDatabase('1')).toBeNull();
	// It may be the channel's nevertheless: the earlier of the two misses nothing.
	await reply(noon - hourMs);
	await reply(null);
	expect(time()).toBe(noon - hourMs);
	await reply(noon - hourMs);
	expect(clocks.channelAgainstDatabase('1')).toEqual({ offsetMs: 500 - hourMs, uncertaintyMs: 500 });
});

it('an answer that is not of the channel itself says nothing about its clock', async () => {
	const { time, reply } = measured();
	await reply(noon + hourMs);
	await reply(null, { status: 503 });
	await reply(null, { hasOtherClock: true });
	expect(time()).toBe(noon + hourMs);
});
