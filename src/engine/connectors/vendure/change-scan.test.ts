import { describe, expect, it } from 'vitest';
import type { ExternalRecord, Page } from '../connector.ts';
import { changesPage, type StampedList } from './change-scan.ts';

const start = Date.UTC(2026, 10, 28, 15);
const iso = (ms: number) => new Date(start + Math.floor(ms)).toISOString();

/** A row of a table: milliseconds with a fraction, which the API does not show. */
type Row = { id: number; at: number };

const record = (id: number, stamp: string): ExternalRecord => ({
	id: String(id),
	variantId: '',
	version: null,
	stamp,
	fields: {},
	reference: null
});

/** A list as Vendure's: exclusive bound, in the order of what the database holds. */
function listOf(
	rows: Row[],
	take: number,
	recordsOf: (row: Row) => ExternalRecord[],
	asked: number[] = []
): StampedList {
	return {
		take,
		async fetch(after, skip, limit) {
			const floor = Date.parse(after) - start;
			const found = rows.filter(({ at }) => at > floor).sort((left, right) => left.at - right.at || left.id - right.id);
			asked.push(skip);
			return found.slice(skip, skip + limit).map((row) => ({ stamp: iso(row.at), records: recordsOf(row) }));
		}
	};
}

const simple = (rows: Row[], take: number) => listOf(rows, take, ({ id, at }) => [record(id, iso(at))]);

async function all(lists: readonly StampedList[], since: string, afterPage: () => void = () => {}): Promise<string[]> {
	const ids: string[] = [];
	let cursor: string | null = null;
	do {
		const page: Page = await changesPage(lists, since, cursor);
		ids.push(...page.records.map(({ id }) => id));
		expect(page.next).not.toBe(cursor ?? '');
		cursor = page.next;
		afterPage();
	} while (cursor !== null);
	return ids;
}

describe('a scan of changes', () => {
	it('goes by stamp, then id, over pages, each record once', async () => {
		const rows = [5, 1, 9, 3, 3, 7].map((at, id) => ({ id, at }));
		expect(await all([simple(rows, 2)], iso(0))).toEqual(['1', '3', '4', '0', '5', '2']);
	});

	it('brings the moment that it starts with, and nothing before', async () => {
		const rows = [
			{ id: 1, at: 9.7 },
			{ id: 2, at: 10.219 },
			{ id: 3, at: 10 }
		];
		expect(await all([simple(rows, 10)], iso(10))).toEqual(['2', '3']);
		expect(await all([simple(rows, 10)], iso(10).replace('Z', '900Z'))).toEqual(['2', '3']);
	});

	it('loses none of a thousand rows with one stamp, whose fraction the API does not show', async () => {
		const rows = Array.from({ length: 1000 }, (_, id) => ({ id, at: 20.219 }));
		rows.push(...Array.from({ length: 300 }, (_, at) => ({ id: 1000 + at, at: 20.9 + at / 10 })));
		const found = await all([simple(rows, 100)], iso(20));
		expect(new Set(found).size).toBe(1300);
	});

	it('loses none that stays, where others change meanwhile', async () => {
		const rows = Array.from({ length: 60 }, (_, id) => ({ id, at: 20 }));
		let moved = 0;
		const meddle = () => {
			const row = rows[moved];
			if (row && moved < 8) row.at = 500 + moved;
			moved += 1;
		};
		const found = await all([simple(rows, 20)], iso(20), meddle);
		expect(new Set(found).size).toBe(60);
	});

	it('merges lists: a record comes with the row that has its stamp', async () => {
		const variants = Array.from({ length: 40 }, (_, id) => ({ id, at: 100 - id }));
		// Every fourth product changed after its variants, and brings them all.
		const products = [
			{ id: 0, at: 150 },
			{ id: 4, at: 98.3 },
			{ id: 8, at: 40 }
		];
		const stampOf = (variant: Row) => {
			const product = products.find(({ id }) => id === variant.id - (variant.id % 4));
			return iso(Math.max(variant.at, product?.at ?? 0));
		};
		const own = listOf(variants, 10, (row) => [record(row.id, stampOf(row))]);
		const parents = listOf(products, 2, (row) =>
			variants.filter(({ id }) => id - (id % 4) === row.id).map((each) => record(each.id, stampOf(each)))
		);
		const found = await all([own, parents], iso(0));
		expect(found).toHaveLength(40);
		const stamps = found.map((id) => stampOf(variants[Number(id)]!));
		expect(stamps).toEqual([...stamps].sort());
		expect(found.slice(-4)).toEqual(['0', '1', '2', '3']);
	});

	it('asks each list once where all fits into a page', async () => {
		const asked: number[] = [];
		const rows = [{ id: 1, at: 5 }];
		await all([listOf(rows, 10, () => [], asked), listOf(rows, 10, () => [], asked)], iso(0));
		expect(asked).toEqual([0, 0]);
	});

	it('says what to do about a cursor that it cannot read', async () => {
		for (const cursor of ['{"x":1}', 'nonsense', '["a",[],[]]']) {
			await expect(changesPage([simple([], 1)], iso(0), cursor)).rejects.toMatchObject({ kind: 'misconfigured' });
		}
	});
});
