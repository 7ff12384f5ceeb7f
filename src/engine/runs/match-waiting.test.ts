import { expect, test } from 'vitest';
import { product } from '#src/entities/product/index.ts';
import type { Candidate } from '#src/store/read-candidates.ts';
import type { ToMatch, ToMatchInput } from '#src/store/read-to-match.ts';
import type { SaveMatchesInput } from '#src/store/save-matches.ts';
import { matchWaiting } from './match-waiting.ts';

/**
 * A waiting list of so many records of the channel, each with one of ours; `save` may refuse by throwing or saving nothing.
 * Beside the records of a slice, so many of the next ones are found, and after the first slice one more of ours with `late` as code.
 */
function aList(
	count: number,
	save: (input: SaveMatchesInput) => 'saved' | 'refused' | Promise<'saved'> = () => 'saved',
	{ beside = 0, late = [] }: { beside?: number; late?: readonly string[] } = {}
) {
	const numbers = Array.from({ length: count }, (_, at) => String(at).padStart(count < 1000 ? 3 : 4, '0'));
	let waiting: Candidate[] = numbers.map((n) => ({ side: 'external', recordId: `X${n}`, variantId: '' }));
	const calls: string[] = [];
	const pairs: string[] = [];
	const codeOf = ({ recordId }: Candidate) => recordId.slice(1);
	const store = {
		async readToMatch({ after, limit }: ToMatchInput): Promise<ToMatch> {
			calls.push(`read ${after?.recordId ?? 'first'}`);
			const rest = waiting.filter(({ recordId }) => after === null || recordId > after.recordId);
			const [from, found] = [rest.slice(0, limit), rest.slice(0, limit + beside)];
			await Promise.resolve();
			return {
				taken: from,
				complete: true,
				internals: [
					...found.map((one) => ({ internalId: `9${codeOf(one)}`, fields: { value: codeOf(one) } })),
					...(after ? late.map((code) => ({ internalId: `7${code}`, fields: { value: code } })) : [])
				],
				externals: found.map((one) => ({
					externalId: one.recordId,
					variantId: '',
					reference: one.recordId === 'X001' ? 'cm-key-product-1' : null,
					fields: { value: codeOf(one) }
				})),
				excludedPairs: [{ internalId: '9002', externalId: 'X002', variantId: '' }],
				outside: [],
				match: undefined,
				settingsRev: 1
			};
		},
		async saveMatches(input: SaveMatchesInput): Promise<void> {
			calls.push(`save ${input.consumed[0]?.recordId ?? 'nothing'}`);
			await Promise.resolve();
			if ((await save(input)) === 'refused') return;
			pairs.push(...input.suggestions.map(({ internalId, externalId }) => `${internalId}-${externalId}`));
			const gone = new Set(input.consumed.map(({ recordId }) => recordId));
			waiting = waiting.filter(({ recordId }) => !gone.has(recordId));
		}
	};
	const run = {
		ports: { clock: { sleep: () => Promise.resolve() }, store },
		channel: { id: '1', installationKey: 'key', settingsRev: 1 } as Parameters<typeof matchWaiting>[0]['channel'],
		entity: product,
		run: { id: '1', attempt: 1 } as Parameters<typeof matchWaiting>[0]['run'],
		checkpoint: () => Promise.resolve()
	};
	return { run, calls, pairs, left: () => waiting.length };
}

test('goes through the list slice by slice, and reads the next one while one is compared and saved', async () => {
	const { run, calls, pairs, left } = aList(5);
	expect(await matchWaiting(run, 2)).toBe(true);
	expect(left()).toBe(0);
	// Neither what carries our reference nor what a person said no to.
	expect(pairs).toEqual(['9000-X000', '9003-X003', '9004-X004']);
	expect(calls).toEqual(['read first', 'read X001', 'save X000', 'read X003', 'save X002', 'save X004', 'read first']);
});

test('what two slices find is saved with the first of them', async () => {
	const seen: string[] = [];
	const { run, pairs, left } = aList(
		9,
		({ internalIds }) => {
			seen.push(internalIds.join(' '));
			return 'saved';
		},
		{ beside: 1 }
	);
	expect(await matchWaiting(run, 4)).toBe(true);
	expect(left()).toBe(0);
	expect(seen).toEqual(['9000 9001 9002 9003 9004', '9005 9006 9007 9008', '']);
	expect(pairs.map((pair) => pair.slice(-3))).toEqual(['000', '003', '004', '005', '006', '007', '008']);
});

test('what comes in meanwhile and fits a record of the slice before is saved after it', async () => {
	const saved: string[] = [];
	const { run, left } = aList(
		6,
		async ({ consumed, suggestions }): Promise<'saved'> => {
			// All that waits for nothing else comes before it.
			if (consumed[0]?.recordId === 'X000') await new Promise(setImmediate);
			saved.push(suggestions.map(({ internalId, externalId }) => `${internalId}-${externalId}`).join(' '));
			return 'saved';
		},
		{ beside: 1, late: ['003'] }
	);
	expect(await matchWaiting(run, 3)).toBe(true);
	expect(left()).toBe(0);
	expect(saved).toEqual(['9000-X000 9003-X003', '7003-X003 9003-X003 9004-X004 9005-X005']);
});

test('an empty list is nothing done', async () => {
	expect(await matchWaiting(aList(0).run, 2)).toBe(false);
});

test('what was considered under settings of before is considered again', async () => {
	let refusals = 1;
	const { run, left, pairs } = aList(4, () => (refusals-- > 0 ? 'refused' : 'saved'));
	expect(await matchWaiting(run, 2)).toBe(true);
	expect(left()).toBe(0);
	expect(pairs).toEqual(['9003-X003', '9000-X000']);
});

test('where saving fails, the run fails, and not before what it began is over', async () => {
	const { run, calls } = aList(6, () => {
		throw new Error('the database is gone');
	});
	await expect(matchWaiting(run, 2)).rejects.toThrow('the database is gone');
	expect(calls).toEqual(['read first', 'read X001', 'save X000', 'read X003', 'save X002']);
});

test('where one of the last fails, the other is over before the run', async () => {
	const over: string[] = [];
	const { run } = aList(4, async ({ consumed }): Promise<'saved'> => {
		await new Promise(setImmediate);
		if (consumed[0]?.recordId === 'X000') throw new Error('the database is gone');
		await new Promise(setImmediate);
		over.push(String(consumed[0]?.recordId));
		return 'saved';
	});
	await expect(matchWaiting(run, 3)).rejects.toThrow('the database is gone');
	expect(over).toEqual(['X003']);
});

test('what waits after the settings were saved is left to the next run, which may create it', async () => {
	const { run, calls, left } = aList(3);
	expect(await matchWaiting({ ...run, channel: { ...run.channel, settingsRev: 0 } }, 2)).toBe(false);
	expect(left()).toBe(3);
	expect(calls).toEqual(['read first']);
});

test('others have their turn while a large slice is compared', async () => {
	const { run, calls, left } = aList(1200);
	run.ports.clock.sleep = async () => void calls.push('others');
	expect(await matchWaiting(run, 600)).toBe(true);
	expect(left()).toBe(0);
	expect(calls).toEqual([
		'read first',
		'others',
		'read X0599',
		'save X0000',
		'others',
		'read X1199',
		'save X0600',
		'read first'
	]);
});
