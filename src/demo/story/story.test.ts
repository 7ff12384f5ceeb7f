import { expect, test } from 'vitest';
import { isGtin } from '#src/sync/match-evidence.ts';
import { matchRecords } from '#src/sync/match.ts';
import { nordhangStory, type ChannelStory } from './story.ts';

const nowMs = Date.UTC(2026, 0, 15, 9);
const story = nordhangStory(nowMs);
const channel = (name: string, entity: string) =>
	story.channels.find((one) => one.channel === name && one.entity === entity)!;

function facts(of: ChannelStory, ours: typeof story.products, matchKeys: string[]) {
	const linkedOurs = new Set(of.links.map(({ value }) => value));
	const linkedTheirs = new Set(of.links.map(({ externalId }) => externalId));
	const excluded = new Set(of.excluded.map(({ value }) => value));
	const free = ours.filter(({ fields }) => !linkedOurs.has(fields.value));
	const theirs = of.external.filter(({ id, deletedAt }) => !linkedTheirs.has(id) && !deletedAt);
	const suggestions = matchRecords({
		matchKeys,
		internal: free
			.filter(({ fields }) => !excluded.has(fields.value))
			.map(({ fields }) => ({ internalId: fields.value, fields })),
		external: theirs.map(({ id, fields }) => ({ externalId: id, variantId: '', fields })),
		excluded: []
	});
	const count = (status: string) => of.links.filter((link) => link.status === status).length;
	return {
		ours: ours.length,
		theirs: of.external.length,
		linked: of.links.length,
		inSync: count('in-sync'),
		conflict: count('conflict'),
		missing: count('orphan'),
		setAside: count('quarantined'),
		unlinkedOurs: free.length,
		excluded: excluded.size,
		unlinkedTheirs: theirs.length,
		exact: suggestions.filter(({ score }) => score === 100).length,
		probable: suggestions.filter(({ score, ambiguous }) => score < 100 && !ambiguous).length,
		ambiguous: suggestions.filter(({ ambiguous }) => ambiguous).length
	};
}

test('the products stand as told', () => {
	expect(facts(channel('ERP', 'product'), story.products, ['value', 'gtin'])).toEqual({
		ours: 240,
		theirs: 236,
		linked: 200,
		inSync: 190,
		conflict: 6,
		missing: 2,
		setAside: 2,
		unlinkedOurs: 40,
		excluded: 4,
		unlinkedTheirs: 36,
		exact: 24,
		probable: 6,
		ambiguous: 2
	});
	expect(channel('Shop', 'product').links.length).toBe(120);
});

test('the partners stand alike', () => {
	expect(facts(channel('ERP', 'business-partner'), story.partners, ['value', 'tax_id', 'email'])).toEqual({
		ours: 56,
		theirs: 56,
		linked: 46,
		inSync: 42,
		conflict: 2,
		missing: 1,
		setAside: 1,
		unlinkedOurs: 10,
		excluded: 1,
		unlinkedTheirs: 10,
		exact: 5,
		probable: 2,
		ambiguous: 2
	});
});

test('every record is one of its kind, with a real GTIN, and every time lies behind us', () => {
	for (const records of [story.products, story.partners]) {
		expect(new Set(records.map(({ fields }) => fields.value)).size).toBe(records.length);
		expect(new Set(records.map(({ fields }) => fields.name)).size).toBe(records.length);
	}
	expect(story.products.every(({ fields }) => isGtin(String(fields['gtin'])))).toBe(true);
	const now = new Date(nowMs).toISOString();
	for (const { external, links } of story.channels) {
		expect(external.every(({ changedAt }) => changedAt < now)).toBe(true);
		expect(links.every(({ createdAt }) => createdAt < now)).toBe(true);
	}
});

test('a refused name is too long for the ERP, and every other fits', () => {
	const refused = new Set(
		channel('ERP', 'product')
			.links.filter(({ status }) => status === 'quarantined')
			.map(({ value }) => value)
	);
	const long = story.products.filter(({ fields }) => [...fields.name].length > 60).map(({ fields }) => fields.value);
	expect(new Set(long)).toEqual(refused);
});

test('the same story is told every time', () => {
	expect(nordhangStory(nowMs)).toEqual(story);
});

test('thirty days of runs add up, and each record moved once to the value it still has', () => {
	expect(new Set(story.runs.map(({ startedAt }) => startedAt.slice(0, 10))).size).toBeGreaterThanOrEqual(30);
	expect(new Set(story.runs.map(({ state }) => state))).toEqual(new Set(['succeeded', 'partial', 'failed']));
	const moved = story.runs.flatMap(({ channel, entity, items }) => items.map((item) => ({ channel, entity, ...item })));
	expect(new Set(moved.map(({ entity, value, field }) => `${entity} ${value} ${field}`)).size).toBe(moved.length);
	for (const { counts, items } of story.runs) {
		const effects = (counts['pushed'] ?? 0) + (counts['pulled'] ?? 0) + (counts['failed'] ?? 0);
		expect(effects).toBe(items.length);
	}
	for (const item of moved.filter(({ outcome }) => outcome !== 'failed')) {
		const ours = (item.entity === 'product' ? story.products : story.partners).find(
			({ fields }) => fields.value === item.value
		);
		expect(ours?.fields[item.field]).toBe(item.after);
		expect(ours?.changed[item.field]).toBe(item.at);
		expect(item.before).not.toBe(item.after);
	}
	expect(moved.filter(({ lost }) => lost !== undefined).length).toBe(3);
});
