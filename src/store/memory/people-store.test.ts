import { expect, test } from 'vitest';
import { defaultPolicy } from '#src/sync/policy.ts';
import { createMemoryStore } from './create-memory-store.ts';
import { updateLinkRows } from './link-triggers.ts';

const operator = { actor: { name: 'operator@example.org' }, via: 'web' as const };
const product = { entity: 'product', variantId: '' };

/** A channel that was seen to have records, and time that moves with each look at it. */
function createWorld() {
	let micros = 1_760_000_000_000_000n;
	const clock = { nowMicros: () => micros };
	const database = createMemoryStore(clock);
	const { people, tables, records } = database;
	const channelId = database.addChannel({
		name: 'ERP',
		connector: 'memory',
		settings: {},
		entities: [
			{
				entity: 'product',
				policy: defaultPolicy,
				pushLive: false,
				pullLive: false,
				autoCreateExternal: false,
				autoCreateInternal: false,
				allowSecondary: false
			}
		]
	});
	let counter = 0;
	const pair = () => {
		const code = `P-${++counter}`;
		const internalId = records('product').insert({ value: code, name: 'Our name', price: '12.5' });
		const seen = { fields: { value: code }, version: 'v1', stamp: null, reference: null, url: null, matchKeys: [] };
		const externalId = `x${counter}`;
		const times = { seenAt: tables.now(), deletedAt: null };
		tables.channelRecords.insert({ channelId, ...product, externalId, ...seen, ...times });
		return { channelId, ...product, internalId, externalId };
	};
	const linked = async () => {
		const of = pair();
		const result = await people.linkRecords({ ...of, ...operator });
		if (!result.ok) throw new Error(result.message);
		return { ...of, linkId: result.linkId };
	};
	const row = (linkId: string) => tables.of('product').links.get(linkId);
	const set = (linkId: string, values: Parameters<typeof updateLinkRows>[2][number]['set']) => {
		const before = row(linkId);
		if (before) updateLinkRows(tables, 'product', [{ before, set: values }]);
	};
	const conflict = (of: Awaited<ReturnType<typeof linked>>, field: string, internal: string, external: string) => {
		const { entity, variantId, internalId, externalId, linkId } = of;
		const about = { channelId, entity, linkId, internalId, externalId, variantId, field };
		const seen = { base: 'base', internal, external, internalRev: '1', externalVersion: 'v1' };
		const open = {
			state: 'open',
			rule: 'ask: policy',
			winner: null,
			reversedBy: null,
			decidedBy: null,
			decidedAt: null
		};
		const id = tables.conflicts.nextId();
		return tables.conflicts.insert({ id, ...about, ...seen, ...open, createdAt: tables.now() });
	};
	const exclusions = () =>
		Array.from(tables.exclusions.all(), ({ kind, internalId, externalId }) =>
			[kind, internalId, externalId].filter((part) => part !== null).join(' ')
		);
	const journal = (linkId: string) =>
		[...tables.decisions.all()].filter((entry) => entry.linkId === linkId).map(({ action }) => action);
	const waiting = () => Array.from(tables.candidates.all(), ({ side, recordId }) => `${side} ${recordId}`).toSorted();
	const pass = () => (micros += 1_500_000n);
	return { ...database, pair, linked, row, set, conflict, exclusions, journal, waiting, pass };
}

test('a link leaves suggestions and waiting lists, and holds both its records', async () => {
	const world = createWorld();
	const { people, tables } = world;
	const [of, rival] = [world.pair(), world.pair()];
	const found = { ...product, channelId: of.channelId, internalId: of.internalId, score: 90, evidence: [] };
	const id = tables.suggestions.nextId();
	const createdAt = tables.now();
	tables.suggestions.insert({ ...found, id, externalId: rival.externalId, ambiguous: false, best: true, createdAt });
	expect(await people.linkRecords({ ...of, ...operator })).toEqual({ ok: true, linkId: '1' });
	expect(world.row('1')).toMatchObject({ status: 'pending', baseInternal: null, isPrimary: true, dirtySeq: 1n });
	expect([...tables.suggestions.all()]).toEqual([]);
	// The one whose suggestion went is looked at again.
	expect(world.waiting()).toEqual([`external ${rival.externalId}`]);
	expect(world.dump()['audit_event']).toEqual([
		expect.objectContaining({ actor: 'operator@example.org', via: 'web', action: 'link', object: 'product-link/1' })
	]);
	const holder = { linkId: '1', internalId: of.internalId, value: 'P-1', name: 'Our name' };
	for (const other of [
		{ ...of, internalId: rival.internalId },
		{ ...of, externalId: rival.externalId }
	]) {
		expect(await people.linkRecords({ ...other, ...operator })).toMatchObject({ kind: 'held', holder });
	}
	// Like a sequence, the refused links used up their ids.
	expect(await people.linkRecords({ ...rival, ...operator })).toEqual({ ok: true, linkId: '4' });
	const kind = async (change: object) => {
		const result = await people.linkRecords({ ...world.pair(), ...operator, ...change });
		return result.ok ? 'ok' : result.kind;
	};
	expect(await kind({ channelId: '9' })).toBe('unknown-channel');
	expect(await kind({ internalId: '9' })).toBe('unknown-record');
	expect(await kind({ externalId: 'never seen' })).toBe('unknown-external');
	expect(await kind({ isPrimary: false })).toBe('not-allowed');
});

test('unlink archives the row and keeps automation away; undo brings the very same link back', async () => {
	const world = createWorld();
	const { people, tables } = world;
	const of = await world.linked();
	const { linkId, internalId, externalId } = of;
	world.conflict(of, 'price', '1', '2');
	const bases = { baseInternal: { price: '9.990000' }, baseExternal: { price: '9.99' }, externalVersion: 'v1' };
	world.set(linkId, { ...bases, status: 'in-sync', cleanSeq: 1n, unconfirmed: ['price'], claimedBy: 'worker' });
	const before = world.row(linkId);
	world.pass();
	const gone = await people.unlinkRecords({ entity: 'product', linkId, reason: ' a mistake ', ...operator });
	expect(gone).toEqual({ ok: true, historyId: '1', internalId, externalId, channelId: of.channelId });
	expect(world.row(linkId)).toBeUndefined();
	expect(world.exclusions()).toEqual([
		`pair ${internalId} ${externalId}`,
		`record ${internalId}`,
		`record ${externalId}`
	]);
	expect([...tables.conflicts.all()].map(({ state }) => state)).toEqual(['gone']);
	expect(tables.linkHistory.get('1')).toMatchObject({
		reason: 'a mistake',
		row: { id: 1, m_product_id: 1, dirty_seq: 1, created_at: '2025-10-09T08:53:20+00:00', unconfirmed: ['price'] }
	});
	expect(await people.unlinkRecords({ entity: 'product', linkId, ...operator })).toMatchObject({
		kind: 'unknown-link'
	});
	expect(await people.linkRecords({ ...of, ...operator })).toMatchObject({ kind: 'excluded' });

	world.pass();
	expect(await people.undoUnlink({ historyId: '1', ...operator })).toEqual({
		ok: true,
		entity: 'product',
		linkId,
		internalId
	});
	const anew = { status: 'pending', claimedBy: null, stateRev: 2n, dirtySeq: 2n, updatedAt: tables.now() };
	expect(world.row(linkId)).toEqual({ ...before, ...anew });
	expect(world.exclusions()).toEqual([]);
	expect(world.journal(linkId)).toEqual(['link', 'unlink', 'undo-unlink']);
	expect(await people.undoUnlink({ historyId: '1', ...operator })).toMatchObject({ kind: 'nothing-to-undo' });
});

test('undo is refused while one of the two is linked elsewhere', async () => {
	const world = createWorld();
	const { people } = world;
	const { linkId, ...of } = await world.linked();
	await people.unlinkRecords({ entity: 'product', linkId, ...operator });
	const { externalId } = world.pair();
	const second = await people.linkRecords({ ...of, externalId, override: true, ...operator });
	expect(second.ok).toBe(true);
	expect(await people.undoUnlink({ historyId: '1', ...operator })).toMatchObject({
		kind: 'held',
		holder: { externalId }
	});
});

test('the chosen side of each field is left as the only one that changed; what was not seen is refused', async () => {
	const world = createWorld();
	const { people, tables } = world;
	const of = await world.linked();
	const { linkId } = of;
	const base = { name: 'base', price: '1' };
	const bases = { baseInternal: base, baseExternal: base, externalVersion: 'v1', unconfirmed: ['name'] };
	world.set(linkId, { ...bases, status: 'conflict' });
	world.conflict(of, 'name', 'Our name', 'Their name');
	world.conflict(of, 'price', '12.500000', '20');
	const resolve = (choices: Record<string, 'internal' | 'external'>, seen: object = {}) => {
		const screen = { internalRev: '1', externalVersion: 'v1', ...seen };
		return people.resolveConflicts({ entity: 'product', linkId, choices, ...screen, ...operator });
	};
	const before = world.dump();
	expect(await resolve({ name: 'internal' }, { internalRev: '2' })).toMatchObject({ kind: 'stale' });
	expect(await resolve({ name: 'internal' }, { externalVersion: '' })).toMatchObject({ kind: 'stale' });
	expect(await resolve({ weight: 'internal' })).toMatchObject({ kind: 'stale' });
	expect(await resolve({})).toMatchObject({ kind: 'invalid' });
	expect(world.dump()).toEqual(before);
	expect(await resolve({ name: 'internal' })).toEqual({ ok: true, linkId, resolved: 1, open: 1 });
	expect(world.row(linkId)).toMatchObject({ status: 'conflict', unconfirmed: [], stateRev: 2n, dirtySeq: 2n });
	expect(await resolve({ price: 'external' })).toEqual({ ok: true, linkId, resolved: 1, open: 0 });
	const rebased = { name: 'Their name', price: '12.500000' };
	expect(world.row(linkId)).toMatchObject({ status: 'pending', baseInternal: rebased, baseExternal: rebased });
	expect([...tables.conflicts.all()].map(({ state, winner }) => `${state} ${winner}`)).toEqual([
		'resolved internal',
		'resolved external'
	]);
	expect([...tables.decisions.all()].at(-1)?.changes).toEqual([
		{ field: 'price', side: 'internal', before: '12.500000', after: '20', rule: 'person', lost: '12.500000' }
	]);
});

test('an edit is saved with its revision and hints the engine; a code that is taken is refused whole', async () => {
	const world = createWorld();
	const [one, other] = [world.pair(), world.pair()];
	const save = (rev: string, fields: Record<string, string>) =>
		world.people.saveRecord({ entity: 'product', id: one.internalId, rev, fields, ...operator });
	expect(await save('1', { name: 'After', price: '12.50' })).toEqual({ ok: true, id: one.internalId, rev: '2' });
	expect(await save('1', { name: 'Too late' })).toMatchObject({ kind: 'stale' });
	const before = world.dump();
	expect(await save('2', { name: 'Lost', value: `P-${other.internalId}` })).toMatchObject({
		kind: 'invalid',
		field: 'value'
	});
	expect(world.dump()).toEqual(before);
	expect(world.records('product').read(one.internalId)?.fields).toMatchObject({ name: 'After', price: '12.500000' });
	expect(world.dump()['sync_outbox']).toHaveLength(3);
});
