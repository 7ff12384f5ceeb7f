import { expect, test } from 'vitest';
import { trustLines } from './trust-words.ts';

const labels: Record<string, string> = { price: 'Amount', name: 'Title' };
const linesOf = (sheet: Parameters<typeof trustLines>[0]) =>
	trustLines(sheet, 'Shop', (field) => labels[field] ?? field);
const noes = (sheet: Parameters<typeof trustLines>[0]) =>
	linesOf(sheet)
		.filter(({ result }) => result === 'no')
		.map(({ detail, therefore }) => [detail, therefore]);

test('what was not tried is said to be so, and has no consequence', () => {
	for (const line of linesOf({})) expect(line).toMatchObject({ result: 'not-tried', detail: '', therefore: '' });
});

test('what holds has no consequence', () => {
	const lines = linesOf({
		preconditionHonoured: true,
		versionNotMovedBy: [],
		stampMovedBy: ['price', 'name'],
		stampNotMovedBy: [],
		stampResolutionMs: 1000,
		changesComplete: true,
		pagingStable: true,
		referenceFound: true,
		referenceLagMs: 1500
	});
	expect(lines.map(({ result, therefore }) => [result, therefore])).toEqual(Array(6).fill(['yes', '']));
	expect(lines.map(({ detail }) => detail).filter((detail) => detail !== '')).toEqual(['steps of 1 s', 'after 1.5 s']);
});

test('what was disproved names the fields by the words of the channel, and what is not relied on', () => {
	expect(noes({ preconditionHonoured: false })[0]?.[1]).toContain('writes count as not guarded');
	expect(noes({ versionNotMovedBy: ['price'] })[0]).toEqual([
		'not by Amount',
		expect.stringContaining('writes count as not guarded')
	]);
	expect(noes({ stampMovedBy: ['name'], stampNotMovedBy: ['price'], stampResolutionMs: 1 })[0]).toEqual([
		'not by Amount · steps of 1 ms',
		expect.stringMatching(/Amount.*a person is asked/)
	]);
	expect(noes({ changesComplete: false })[0]?.[1]).toContain('each run compares everything');
	expect(noes({ pagingStable: false })[0]?.[1]).toContain('runs stop');
	expect(noes({ referenceFound: false })[0]?.[1]).toContain('Nothing is created in Shop');
});
