import type { Fields, Value } from '#src/sync/fields.ts';
import { seededRandom } from './random.ts';
import { hoursBefore } from './record.ts';
import type { ChannelStory } from './story.ts';

/** One record of a past run that was not a no-op. */
export type StoryItem = {
	/** Search key of our record. */
	value: string;
	externalId: string;
	at: string;
	field: string;
	outcome: 'pushed' | 'pulled' | 'failed';
	before: Value;
	after: Value;
	/** Our value that lost against the channel's newer one. */
	lost: Value | undefined;
	problem: { kind: string; message: string; hint: string; field: string } | null;
};

export type StoryRun = {
	channel: ChannelStory['channel'];
	entity: ChannelStory['entity'];
	mode: 'incremental' | 'full';
	startedBy: string;
	state: 'succeeded' | 'partial' | 'failed';
	startedAt: string;
	endedAt: string;
	problem: { kind: string; message: string; hint: string } | null;
	counts: Record<string, number>;
	items: StoryItem[];
};

const days = 30;
/** Days ago on which the ERP was not reachable, its key was refused, and our newer value lost three times. */
const outageDay = 12;
const refusedKeyDay = 21;
const settledDays: readonly number[] = [3, 8, 17];
const refusedDay = 1;

/**
 * 30 days of runs, oldest first: a full one each night, a few incremental ones that moved something, an outage, a refused
 * key. Each record moves at most once, to the value it still has.
 */
export function runHistory(channels: readonly ChannelStory[], nowMs: number): StoryRun[] {
	const runs = channels.flatMap((story) => historyOf(story, nowMs));
	return runs.toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
}

function historyOf(story: ChannelStory, nowMs: number): StoryRun[] {
	const random = seededRandom(story.channel === 'Shop' ? 30 : story.entity === 'product' ? 31 : 32);
	const movable = story.links.filter(({ status }) => status === 'in-sync');
	// The Shop's part of the products moves other records than the ERP's, so that each has one story.
	if (story.channel === 'Shop') movable.splice(0, 70);
	else if (story.entity === 'product') movable.splice(70, 50);
	const refused = story.links.filter(({ status }) => status === 'quarantined');
	const midnightMs = nowMs - (nowMs % 86_400_000);
	const runs: StoryRun[] = [];
	for (let day = days; day >= 1; day--) {
		const at = (hour: number) => hoursBefore(midnightMs, day * 24 - hour);
		const base = { channel: story.channel, entity: story.entity };
		if (story.channel === 'ERP' && day === outageDay) runs.push(...outage(base, at));
		if (story.channel === 'ERP' && day === refusedKeyDay) runs.push(refusedKey(base, at));
		const busy = story.entity === 'product' ? 1 + Math.floor(random() * 2) : Math.floor(random() * 2);
		for (let turn = 0; turn < busy; turn++) {
			const settled = story.channel === 'ERP' && story.entity === 'product' && settledDays.includes(day) && turn === 0;
			const moved = movable.splice(0, 1 + Math.floor(random() * 2));
			const items = moved.map((link, index) => itemOf(link, at(8 + turn * 5), random() < 0.5, settled && index === 0));
			if (items.length > 0) runs.push(incremental(base, at, 8 + turn * 5, items));
		}
		if (day === refusedDay && refused.length > 0)
			runs.push(
				incremental(
					base,
					at,
					18,
					refused.map((link) => refusedItem(link, at(18)))
				)
			);
		runs.push(nightly(base, story, at));
	}
	return runs;
}

type Base = Pick<StoryRun, 'channel' | 'entity'>;
type At = (hour: number) => string;
const minutes = 1 / 60;

function itemOf(link: ChannelStory['links'][number], at: string, pulls: boolean, settled: boolean): StoryItem {
	const field = 'price' in link.baseInternal ? 'price' : 'phone';
	const after = link.baseInternal[field] ?? null;
	const pulled = pulls || settled;
	const scaled = (factor: number) =>
		field === 'price' ? (Number(after) * factor).toFixed(2) : String(after).replace(/\d$/, '0');
	return {
		value: link.value,
		externalId: link.externalId,
		at,
		field,
		outcome: pulled ? 'pulled' : 'pushed',
		before: settled ? scaled(0.97) : scaled(0.95),
		after,
		lost: settled ? scaled(0.97) : undefined,
		problem: null
	};
}

function refusedItem(link: ChannelStory['links'][number], at: string): StoryItem {
	const { problem, baseExternal } = link;
	if (!problem) throw new Error(`${link.value} is set aside without a problem`);
	const before: Fields[string] = baseExternal['name'] ?? null;
	return {
		value: link.value,
		externalId: link.externalId,
		at,
		field: 'name',
		outcome: 'failed',
		before,
		after: before,
		lost: undefined,
		problem: { ...problem, field: 'name' }
	};
}

function incremental(base: Base, at: At, hour: number, items: StoryItem[]): StoryRun {
	const counts: Record<string, number> = { scanned: items.length, changed: items.length };
	for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
	const state = items.some(({ outcome }) => outcome === 'failed') ? 'partial' : 'succeeded';
	return {
		...base,
		mode: 'incremental',
		startedBy: 'schedule',
		state,
		startedAt: at(hour),
		endedAt: at(hour + 0.03 * minutes),
		problem: null,
		counts,
		items
	};
}

function nightly(base: Base, story: ChannelStory, at: At): StoryRun {
	const there = story.external.filter(({ deletedAt }) => !deletedAt).length;
	const agreeing = story.links.filter(({ status }) => status === 'in-sync').length;
	return {
		...base,
		mode: 'full',
		startedBy: 'schedule',
		state: 'succeeded',
		startedAt: at(2),
		endedAt: at(2 + 0.2 * minutes),
		problem: null,
		counts: { scanned: there, changed: 0, 'in-sync': agreeing },
		items: []
	};
}

function outage(base: Base, at: At): StoryRun[] {
	const problem = {
		kind: 'unreachable',
		message: 'No answer from the ERP.',
		hint: 'See whether the ERP is up; the next run tries again by itself.'
	};
	return [0, 0.25, 1, 3, 8].map((minute) => failed(base, at, 14 + minute * minutes, problem));
}

function refusedKey(base: Base, at: At): StoryRun {
	const problem = { kind: 'unauthorized', message: 'The ERP refused the key.', hint: 'Renew the key of this channel.' };
	return failed(base, at, 11, problem);
}

function failed(base: Base, at: At, hour: number, problem: StoryRun['problem']): StoryRun {
	return {
		...base,
		mode: 'incremental',
		startedBy: 'schedule',
		state: 'failed',
		startedAt: at(hour),
		endedAt: at(hour + 0.1 * minutes),
		problem,
		counts: {},
		items: []
	};
}
