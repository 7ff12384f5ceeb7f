import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '#src/demo/erp/erp-store.ts';
import { checkAgreement } from './check-agreement.ts';
import { checkDoubles } from './check-doubles.ts';
import { checkEdits } from './check-edits.ts';
import type { ConflictRow, Edit, Evidence, Violation } from './evidence.ts';

const sku = 'LINK-00000';
const ours = { id: '1', value: sku, name: 'last', description: null, price: '0.500000' };
const theirs = { id: '10000', sku, name: 'last', description: null, price: '0.50', external_ref: null };
const link = { id: '7', internalId: '1', externalId: '10000', status: 'in-sync', dirty: false, problem: null };

function edit(side: Edit['side'], value: string, seen: string): Edit {
	return { side, sku, field: 'name', value, seen, at: '', made: false };
}

function erpWrite(by: string, before: string | null, after: string, of = sku): HistoryEntry {
	const values = { name: after, sku: of };
	return {
		...{ seq: 1, at: '', table: 'products', id: '10000', by, reference: null, revision: 1, after: values },
		before: before === null ? null : { name: before, sku: of }
	};
}

function conflict(internal: string, external: string, winner: ConflictRow['winner']): ConflictRow {
	return {
		sku,
		field: 'name',
		state: winner === null ? 'open' : 'settled',
		rule: 'newest-wins',
		winner,
		internal,
		external
	};
}

/** One linked record on which a person here replaced "first" by "last", and the engine sent it. */
function evidence(over: Partial<Evidence> = {}): Evidence {
	return {
		links: 1,
		edits: [edit('internal', 'last', 'first')],
		erpHistory: [erpWrite('key', 'first', 'last')],
		erpProducts: [theirs],
		ourProducts: [ours],
		linkRows: [link],
		conflicts: [],
		openIntents: [],
		...over
	};
}

const said = (violations: readonly Violation[]) => violations.map(({ invariant, what }) => `${invariant} ${what}`);
const all = (one: Evidence) => said([...checkAgreement(one), ...checkEdits(one), ...checkDoubles(one)]);

it('nothing is said about a world in order', () => {
	expect(all(evidence())).toEqual([]);
});

describe('I1', () => {
	it('is broken by sides that differ, but not in the zeros of a price', () => {
		expect(said(checkAgreement(evidence({ erpProducts: [{ ...theirs, name: 'first', price: '0.5' }] })))).toEqual([
			`I1 ${sku}: "name" is not the same on both sides`
		]);
	});
	it('is broken by a link that is set aside or never finished, and by a create that is', () => {
		const stuck = [
			{ ...link, status: 'quarantined' },
			{ ...link, id: '8', dirty: true }
		];
		expect(said(checkAgreement(evidence({ linkRows: stuck, openIntents: [{ sku: 'OURS-1' }] })))).toEqual([
			'I1 link 7 is quarantined',
			'I1 link 8 is in-sync',
			'I1 a create is not settled'
		]);
	});
});

describe('I2', () => {
	const overwritten = [edit('internal', 'last', 'first'), edit('external', 'lost', 'first')];
	it('is broken by an edit that is nowhere', () => {
		expect(said(checkEdits(evidence({ edits: overwritten })))).toEqual([
			`I2 ${sku}: "lost", entered into "name" (external), is lost`
		]);
	});
	it('holds for what a later author saw, also through a value that lost openly', () => {
		const edits = [...overwritten, edit('external', 'lost too', 'lost')];
		expect(all(evidence({ edits, conflicts: [conflict('last', 'lost too', 'internal')] }))).toEqual([]);
	});
	it('is not excused by a conflict that is open, or whose value nobody entered on that side', () => {
		expect(all(evidence({ edits: overwritten, conflicts: [conflict('last', 'lost', null)] }))).toHaveLength(1);
		expect(all(evidence({ conflicts: [conflict('last', 'last', 'internal')] }))).toEqual([
			`I2 ${sku}: a conflict on "name" without an edit on each side`
		]);
	});
});

it('I7 is broken by a value that nobody entered', () => {
	const invented = evidence({
		erpHistory: [erpWrite('key', 'first', 'LAST')],
		ourProducts: [{ ...ours, name: 'Last' }]
	});
	expect(said(checkEdits(invented))).toEqual([
		`I7 ${sku}: a side holds "Last" in "name", which nobody entered`,
		`I7 ${sku}: the engine wrote "LAST" in "name", which nobody entered`
	]);
});

describe('I3', () => {
	const made: Edit = { ...edit('internal', 'OURS-1 is new', ''), sku: 'OURS-1', made: true };
	it('is broken by a second record there, even one that was deleted again', () => {
		const doubled = evidence({ erpProducts: [theirs, { ...theirs, id: '10001' }] });
		expect(said(checkDoubles(doubled))).toEqual([`I3 the ERP has ${sku} 2 times`]);
		const create = erpWrite('key', null, 'OURS-1 is new', 'OURS-1');
		const again = evidence({ edits: [made], erpHistory: [create, create] });
		expect(said(checkDoubles(again))).toContain('I3 OURS-1 was created in the ERP again');
	});
	it('is broken by a record that nobody made and by one that never arrived', () => {
		const strange = evidence({ edits: [made], ourProducts: [ours, { ...ours, id: '2', value: 'COPY' }] });
		expect(said(checkDoubles(strange))).toEqual([
			'I3 our side has COPY, which nobody made',
			'I3 our side has no OURS-1',
			'I3 the ERP has no OURS-1',
			'I3 COPY is not linked'
		]);
	});
	it('is broken by a create for what was imported, and by links that are doubled or crossed', () => {
		const echo = evidence({ erpHistory: [erpWrite('key', null, 'x')] });
		expect(said(checkDoubles(echo))).toEqual([`I3 ${sku}, not made here, was created in the ERP`]);
		const linkRows = [link, { ...link, id: '8' }, { ...link, id: '9', externalId: '404' }];
		expect(said(checkDoubles(evidence({ linkRows })))).toEqual([
			`I3 ${sku} is linked again`,
			`I3 ${sku} is linked again`
		]);
	});
});
