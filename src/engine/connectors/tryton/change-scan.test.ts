import { describe, expect, it } from 'vitest';
import type { ExternalRecord } from '../connector.ts';
import { type ChangeSource, createChangeScan } from './change-scan.ts';

const record = (id: number, stamp: string): ExternalRecord => {
	return { id: String(id), variantId: '', version: null, stamp, fields: {}, reference: null };
};

function source(stamps: Map<number, string>): ChangeSource & { loads: number; sizes: number[] } {
	const changed = (since: string) =>
		[...stamps].filter(([, stamp]) => stamp >= since).sort(([left], [right]) => left - right);
	return {
		loads: 0,
		sizes: [],
		async some(since, limit) {
			const found = changed(since).map(([id, stamp]) => record(id, stamp));
			return found.length < limit ? found : null;
		},
		async entries(since, afterId, limit) {
			this.loads += 1;
			const found = changed(since).filter(([id]) => id > afterId);
			return found.slice(0, limit).map(([id, stamp]) => ({ id, stamp }));
		},
		async between(since, first, last) {
			const stamped = changed(since).filter(([, stamp]) => stamp >= first.stamp && stamp <= last.stamp);
			const found = first.stamp < last.stamp ? stamped : stamped.filter(([id]) => id >= first.id && id <= last.id);
			this.sizes.push(found.length);
			return found.map(([id, stamp]) => record(id, stamp));
		}
	};
}

async function all(scan: ReturnType<typeof createChangeScan>, from: ChangeSource, afterPage = () => {}) {
	const ids: string[] = [];
	let cursor: string | null = null;
	do {
		const page: Awaited<ReturnType<typeof scan>> = await scan(from, 'b', cursor);
		ids.push(...page.records.map((each) => each.id));
		cursor = page.next;
		afterPage();
	} while (cursor !== null);
	return ids;
}

describe('a scan of changes', () => {
	it('goes by stamp, then id, over pages, and asks for the window once', async () => {
		const from = source(
			new Map([
				[1, 'e'],
				[2, 'b'],
				[3, 'a'],
				[4, 'b'],
				[5, 'c']
			])
		);
		expect(await all(createChangeScan(2), from)).toEqual(['2', '4', '5', '1']);
		expect(from.loads).toBe(1);
	});

	it('goes on in another session from its cursor', async () => {
		const from = source(
			new Map([
				[1, 'b'],
				[2, 'b'],
				[3, 'c']
			])
		);
		const { next } = await createChangeScan(1)(from, 'b', null);
		const scan = createChangeScan(5);
		const second = await scan(from, 'b', next);
		const third = await scan(from, 'b', second.next);
		expect([second, third].map(({ records }) => records.map((each) => each.id))).toEqual([['2'], ['3']]);
		expect(third.next).toBeNull();
	});

	it('leaves a record that changes meanwhile to the next scan, and one that is deleted out', async () => {
		const stamps = new Map([
			[1, 'b'],
			[2, 'c'],
			[3, 'd'],
			[4, 'e']
		]);
		const meddle = () => void (stamps.set(2, 'z'), stamps.delete(3));
		expect(await all(createChangeScan(1), source(stamps), meddle)).toEqual(['1', '4']);
		expect(await all(createChangeScan(1), source(stamps))).toEqual(['1', '4', '2']);
	});

	it('loads a large window in slices', async () => {
		const stamps = new Map(Array.from({ length: 12_001 }, (_, at) => [at + 1, 'c'] as const));
		const from = source(stamps);
		expect(new Set(await all(createChangeScan(4000), from)).size).toBe(12_001);
		expect(from.loads).toBe(3);
		expect(Math.max(...from.sizes), 'no page is larger than asked for, though all stamps are equal').toBe(4000);
	});

	it('cuts pages between stamps where it can', async () => {
		const from = source(
			new Map([
				[1, 'b'],
				[2, 'c'],
				[3, 'c'],
				[4, 'c']
			])
		);
		expect(await all(createChangeScan(2), from)).toEqual(['1', '2', '3', '4']);
		expect(from.sizes).toEqual([1, 2, 1]);
	});

	it('asks once where all fits into a page', async () => {
		const from = source(
			new Map([
				[1, 'c'],
				[2, 'b']
			])
		);
		expect(await all(createChangeScan(2), from)).toEqual(['2', '1']);
		expect(from.loads).toBe(0);
	});

	it('says what to do about a cursor that it cannot read', async () => {
		const scan = createChangeScan(1)(source(new Map()), 'b', '{"x":1}');
		await expect(scan).rejects.toMatchObject({ kind: 'misconfigured' });
	});
});
