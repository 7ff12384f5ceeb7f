import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Fields } from '#src/sync/fields.ts';
import { openRig, type Rig } from './equality/sequence.ts';
import type { Step } from './equality/step.ts';

let rig: Rig;
beforeAll(async () => {
	rig = await openRig(inject('templateUrl'));
});
afterAll(() => rig.close());

const entity = 'sales-order';
const insert = (fields: Fields): Step => ({ port: 'plain', verb: 'insert', entity, fields });
const update = (id: string, fields: Fields): Step => ({ port: 'plain', verb: 'update', entity, id, fields });
const lines = (...list: object[]) => JSON.stringify(list);
const at = { channelId: '1', entity };
const seen = (externalId: string, fields: Fields): Step => {
	const tags = { version: 'v1', stamp: '2026-05-31T23:00:00Z', reference: null, url: null };
	const records = [{ externalId, variantId: '', fields, ...tags, matchKeys: [] }];
	return { port: 'store', verb: 'recordPage', input: { ...at, records, complete: false, cursor: null, run: null } };
};
const waits = (ownerId: string, refId: string, toEntity: string) => ({
	owner: 'external',
	ownerId,
	variantId: '',
	field: 'lines',
	toEntity,
	side: 'external',
	refId,
	problem: { kind: 'awaiting', message: 'm', hint: 'h' }
});
const candidates: Step = { port: 'store', verb: 'readCandidates', input: { ...at, limit: 50 } };

const opening: Step = {
	port: 'people',
	verb: 'createChannel',
	input: {
		name: 'Shop',
		connector: 'memory',
		settings: {},
		credentials: {},
		entities: ['product', entity],
		secretKey: 'a secret key for tests, 32 characters'
	}
};

test('orders with their lines are the same in memory and on PostgreSQL', async () => {
	const steps: Step[] = [
		opening,
		insert({
			value: '1001',
			ordered_at: '2026-11-29T08:00:00.5Z',
			total: '12.5',
			lines: lines({ quantity: '2.50', price: '5' })
		}),
		insert({ value: '1001', name: 'Anna', lines: lines({ line: 2, product: '7' }, { line: 1, tax: '1.23456789' }) }),
		insert({ value: '1002', name: '' }),
		insert({ value: '1003', lines: '[]' }),
		insert({ name: 'no number' }),
		insert({ value: '1004', lines: lines({ price: '123456789012345' }) }),
		update('1', { lines: lines({ line: '1', quantity: '2.5', price: '5.0' }), status: 'open' }),
		update('1', { lines: lines({ line: '3', text: 'Tent' }), name: null }),
		update('1', { name: '' }),
		update('2', { lines: null, ordered_at: '2026-11-29T08:00:00Z' }),
		{ port: 'people', verb: 'createRecord', input: { entity, fields: { value: '1005', name: 'By hand' } } },
		{ port: 'store', verb: 'drainOutbox', input: { entity, limit: 100 } }
	];
	expect(await rig.replay(steps)).toBeNull();
});

test('receiving orders starts where it goes live, and what waits is the same in memory and on PostgreSQL', async () => {
	const steps: Step[] = [
		opening,
		seen('O1', { value: '1', ordered_at: '2999-01-01T00:00:00Z' }),
		seen('O2', { value: '2', ordered_at: '2020-01-01T00:00:00Z' }),
		seen('O3', { value: '3' }),
		{ port: 'people', verb: 'goLive', input: { ...at, direction: 'push' } },
		{ port: 'people', verb: 'goLive', input: { ...at, direction: 'pull' } },
		candidates,
		{ port: 'people', verb: 'saveChannelEntity', input: { ...at, settingsRev: 3, autoCreateExternal: true } },
		{ port: 'people', verb: 'saveChannelEntity', input: { ...at, settingsRev: 3, autoCreateInternal: true } },
		candidates,
		{ port: 'store', verb: 'queueRun', input: { ...at, mode: 'full', startedBy: 'schedule', linkIds: null } },
		{ port: 'store', verb: 'beginRun', input: { runId: '1' } },
		{
			port: 'store',
			verb: 'saveMatches',
			input: {
				...at,
				run: { runId: '1', attempt: 1 },
				settingsRev: 4,
				internalIds: [],
				externalKeys: [],
				suggestions: [],
				consumed: ['O1', 'O2'].map((recordId) => ({ side: 'external', recordId, variantId: '' })),
				awaiting: [
					waits('O1', 'E1', 'product'),
					waits('O1', 'E2', 'product'),
					waits('O1', 'O1', 'held:sales-order'),
					waits('O2', 'O2', 'held:sales-order')
				]
			}
		},
		{ port: 'store', verb: 'confirmMissing', input: { ...at, gone: [{ id: 'O2', variantId: '' }], present: [] } },
		{
			port: 'people',
			verb: 'excludeRecord',
			input: { ...at, externalId: 'O1', variantId: '', reason: 'a test order' }
		},
		{ port: 'people', verb: 'stopLive', input: { ...at, direction: 'pull' } },
		{ port: 'people', verb: 'goLive', input: { ...at, direction: 'pull' } }
	];
	expect(await rig.replay(steps)).toBeNull();
});
