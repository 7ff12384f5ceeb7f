import { describe, expect, it } from 'vitest';
import type { Value } from '#src/sync/fields.ts';
import { findViolations, type Change, type Evidence } from './lost-edits.ts';

const start = { name: 'Start', description: null, value: 'START', price: '1' };
const initial = Object.entries(start).map(([field, value]) => ({ field, value }));

function change(
	side: Change['side'],
	by: Change['by'],
	before: Value,
	after: Value,
	more: Partial<Change> = {}
): Change {
	return {
		side,
		record: side === 'internal' ? '1' : '7',
		field: 'name',
		before,
		after,
		created: false,
		by,
		at: '',
		...more
	};
}

/** A pair that holds these names in the end. */
function evidence(names: { ours: string; theirs: string }, changes: Change[], more: Partial<Evidence> = {}): Evidence {
	return {
		changes,
		pairs: [{ internalId: '1', externalId: '7' }],
		current: {
			internal: new Map([['1', { ...start, name: names.ours }]]),
			external: new Map([['7', { ...start, name: names.theirs, price: '1.0000' }]])
		},
		losers: [],
		initial,
		...more
	};
}

const kinds = (given: Evidence) => findViolations(given).map(({ kind }) => kind);
const ours = change('internal', 'person', 'Start', 'Ours');
const theirs = change('external', 'person', 'Start', 'Theirs');
const both = (name: string) => ({ ours: name, theirs: name });

describe('what counts as a lost edit', () => {
	it('an edit that the engine wrote over, though the other one is there', () => {
		const over = change('external', 'engine', 'Theirs', 'Ours');
		expect(kinds(evidence(both('Ours'), [ours, theirs, over]))).toEqual(['lost']);
		expect(
			kinds(evidence(both('Ours'), [ours, theirs, over], { losers: [{ field: 'name', value: 'Theirs' }] }))
		).toEqual([]);
	});

	it('not one that a person replaced who saw it, there or on the other side', () => {
		const carried = change('external', 'engine', 'Start', 'Ours');
		const replaced = change('external', 'person', 'Ours', 'Newer');
		expect(kinds(evidence(both('Newer'), [ours, carried, replaced]))).toEqual([]);
	});

	it('one whose successor was lost', () => {
		const next = change('internal', 'person', 'Ours', 'Next');
		expect(kinds(evidence(both('Theirs'), [ours, next, theirs]))).toEqual(['lost', 'lost']);
		expect(
			kinds(evidence(both('Theirs'), [ours, next, theirs], { losers: [{ field: 'name', value: 'Next' }] }))
		).toEqual([]);
	});
});

describe('what else is a violation', () => {
	it('sides that differ', () => {
		expect(kinds(evidence({ ours: 'Ours', theirs: 'Start' }, [ours]))).toEqual(['differs']);
	});

	it('a second record on one side', () => {
		const given = evidence(both('Start'), []);
		const twice = new Map([...given.current.external, ['8', start]]);
		expect(kinds({ ...given, current: { ...given.current, external: twice } })).toEqual(['duplicate', 'unlinked']);
	});

	it('an import of a record that we made', () => {
		const born = change('internal', 'person', null, 'Born', { created: true, record: '2' });
		const given = evidence(both('Start'), [born]);
		const [one, copy] = [
			new Map([...given.current.internal, ['2', start], ['3', start]]),
			new Map([...given.current.external, ['8', start]])
		];
		const pairs = [...given.pairs, { internalId: '3', externalId: '8' }];
		expect(
			kinds({ ...given, pairs, current: { internal: one, external: copy }, losers: [{ field: 'name', value: 'Born' }] })
		).toEqual(['duplicate', 'unlinked']);
	});

	it('a value that nobody wrote', () => {
		expect(kinds(evidence(both('Start'), [change('external', 'engine', 'Start', 'Made up')]))).toEqual(['invented']);
	});
});
