import { expect, test } from 'vitest';
import type { LinkWithRecord } from '#src/store/claim-links.ts';
import type { ExternalRecord, Resource } from '../connectors/connector.ts';
import { isEvidence, shownRecords } from './shown-records.ts';

const record: ExternalRecord = {
	id: '1',
	variantId: '',
	version: '7',
	stamp: '2026-03-01T10:00:00.000002Z',
	fields: { name: 'Stove', price: '40' },
	reference: null
};
const resource = {
	fields: [{ name: 'name' }, { name: 'price' }],
	capabilities: { stampCovers: 'all' }
} as unknown as Resource;
const link = {
	baseInternal: { name: 'Oven' },
	baseExternal: { name: 'Oven' },
	pendingWrite: null,
	unconfirmed: [],
	stampPassed: false,
	externalStamp: '2026-03-01T10:00:00.000001Z'
};
const linked = (changed: object = {}) =>
	({ link: { ...link, ...changed }, internal: { fields: {} } }) as unknown as LinkWithRecord;

test('a whole record from after the last agreement is evidence', () => {
	expect(isEvidence(linked(), record, resource)).toBe(true);
	expect(isEvidence(linked(), { ...record, shownOnly: ['name'] }, resource)).toBe(true);
});

test.each([
	['the sides never agreed', { baseExternal: null }],
	['a write of ours has no answer yet', { pendingWrite: { attempts: [] } }],
	['what we sent was not read back', { unconfirmed: ['name'] }],
	['our own write moved the stamp to one that was not seen', { stampPassed: true }],
	['the stamp is the one of the last agreement', { externalStamp: record.stamp }],
	['the stamp is older', { externalStamp: '2026-03-01T10:00:00.000003Z' }],
	['there was no stamp', { externalStamp: null }]
])('it is none where %s', (_, changed) => {
	expect(isEvidence(linked(changed), record, resource)).toBe(false);
});

test('it is none where it lacks a field or a stamp, cannot be read whole, or our record is gone', () => {
	const others: ExternalRecord[] = [
		{ ...record, fields: { name: 'Stove' } },
		{ ...record, stamp: null },
		{ ...record, unreadable: { price: '400 digits' } }
	];
	for (const other of others) expect(isEvidence(linked(), other, resource)).toBe(false);
	expect(isEvidence({ ...linked(), internal: null }, record, resource)).toBe(false);
});

test('a record is given once, as it was shown last', () => {
	const shown = shownRecords();
	shown.keep([record, { ...record, fields: { name: 'Newer' } }]);
	const key = { externalId: '1', variantId: '' };
	expect(shown.take(key)?.fields).toEqual({ name: 'Newer' });
	expect(shown.take(key)).toBeNull();
	expect(shown.take({ externalId: '1', variantId: 'a' })).toBeNull();
});

test('more text than fits is not kept, nor is what was shown of that record before', () => {
	const shown = shownRecords();
	const long = { ...record, fields: { name: 'x'.repeat(5_000_000) } };
	shown.keep([record, { ...long, id: '2' }, long]);
	expect(shown.take({ externalId: '2', variantId: '' })?.id).toBe('2');
	expect(shown.take({ externalId: '1', variantId: '' })).toBeNull();
});
