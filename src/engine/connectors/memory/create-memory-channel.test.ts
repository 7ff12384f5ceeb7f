import { describe, expect, it } from 'vitest';
import type { ExternalRecord, Page } from '../connector.ts';
import { createMemoryChannel } from './create-memory-channel.ts';
import { memoryConnector } from './index.ts';
import type { MemoryOptions } from './options.ts';

/** A channel on a clock of its own, one product in it, and the resource that reaches it. */
function world(over: Partial<MemoryOptions> = {}) {
	const clock = { ms: Date.UTC(2026, 10, 28, 15), nowMs: () => clock.ms, monotonicMs: () => clock.ms };
	const channel = createMemoryChannel({ clock, ...over });
	const id = channel.add('product', { value: 'T-1', name: 'Tent', price: '10.00' });
	clock.ms += 5000;
	const session = memoryConnector({ erp: channel }).open({
		settings: { channel: 'erp' },
		credentials: {},
		transport: () => expect.unreachable('a memory channel has no wire')
	});
	const resource = session.resource('product')!;
	const one = async (): Promise<ExternalRecord | undefined> => (await resource.read([{ id, variantId: '' }]))[0];
	const update = (fields: Record<string, string>, version: string | null = null) =>
		resource.update!({ id, variantId: '', version, fields });
	const create = (reference: string, fields: Record<string, string>) => resource.create!({ reference, fields });
	return { clock, channel, id, resource, one, update, create };
}

const kind = (of: string) => expect.objectContaining({ kind: of });
const names = (page: Page) => page.records.map((record) => record.fields['name']);

describe('faults', () => {
	it('fails before the effect', async () => {
		const { channel, update, id } = world();
		channel.failNext('update', { kind: 'fails', as: 'rate-limited', retryAfterMs: 3000 }, 2);
		for (let time = 0; time < 2; time += 1) {
			await expect(update({ name: 'New' })).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 3000 });
		}
		expect(channel.record('product', id)?.fields['name']).toBe('Tent');
		await update({ name: 'New' });
		expect(channel.writes()).toMatchObject([{ seq: 1, method: 'update', id, fields: { name: 'New' } }]);
		expect(channel.calls()).toHaveLength(3);
	});

	it('loses the reply after the effect', async () => {
		const { channel, create } = world();
		channel.failNext('create', { kind: 'reply-lost' });
		await expect(create('cm-1', { value: 'T-2', name: 'Two' })).rejects.toEqual(kind('unreachable'));
		expect(channel.records('product')).toMatchObject([
			{},
			{ reference: 'cm-1', fields: { name: 'Two', is_active: true } }
		]);
	});

	it('lets a write land late, and only where its precondition still holds', async () => {
		const { channel, clock, update, one, id } = world();
		const { version } = (await one())!;
		channel.failNext('update', { kind: 'lands-late', afterMs: 8000 });
		await expect(update({ name: 'Zombie' })).rejects.toEqual(kind('unreachable'));
		channel.failNext('update', { kind: 'lands-late', afterMs: 9000 });
		await expect(update({ price: '1' }, version)).rejects.toEqual(kind('unreachable'));
		expect((await one())?.fields).toMatchObject({ name: 'Tent', price: '10.00' });
		clock.ms += 10_000;
		expect((await one())?.fields).toMatchObject({ name: 'Zombie', price: '10.00' });
		expect(channel.writes()).toMatchObject([{ id, fields: { name: 'Zombie' } }]);
	});

	it('shows an empty channel, or an old one', async () => {
		const { channel, clock, id, resource } = world();
		channel.edit('product', id, { name: 'New' });
		clock.ms += 1000;
		channel.failNext('list', { kind: 'empty' });
		expect(names(await resource.list(null))).toEqual([]);
		channel.failNext('any', { kind: 'stale', agoMs: 2000 });
		expect(names(await resource.list(null))).toEqual(['Tent']);
		channel.remove('product', id);
		channel.failNext('list', { kind: 'stale', agoMs: 500 });
		expect(names(await resource.list(null))).toEqual(['New']);
		expect(names(await resource.list(null))).toEqual([]);
	});
});

describe('races and lags', () => {
	it('lets somebody write between our write and its answer, and answers for ours', async () => {
		const { channel, id, update, one } = world({ versionInReplies: true });
		channel.afterNextWrite(() => channel.edit('product', id, { name: 'Theirs' }));
		const reply = await update({ name: 'Ours' });
		expect(reply.fields).toMatchObject({ name: 'Ours' });
		const now = await one();
		expect(now?.fields['name']).toBe('Theirs');
		expect(now?.version).not.toBe(reply.version);
	});

	it('tells nothing in replies by default', async () => {
		const { update, create } = world();
		expect(await update({ name: 'New' })).toEqual({ version: null, stamp: null, fields: null });
		expect(await create('cm-1', { value: 'T-2', name: 'Two' })).toMatchObject({
			version: null,
			stamp: null,
			fields: {}
		});
	});

	it('misses two writes in one second with coarse tags', async () => {
		const { channel, id, update, one } = world({ precondition: 'coarse' });
		channel.edit('product', id, { name: 'First' });
		const { version } = (await one())!;
		channel.edit('product', id, { name: 'Second' });
		await update({ name: 'Ours' }, version);
		expect((await one())?.fields['name']).toBe('Ours');
	});

	it('shows a long transaction late under its early stamp', async () => {
		const { channel, clock, id, resource } = world({ stampResolutionMs: 0.001 });
		const began = new Date(clock.ms).toISOString();
		channel.edit('product', id, { name: 'Late' }, { openForMs: 4000 });
		clock.ms += 3000;
		const poll = new Date(clock.ms).toISOString();
		expect(names(await resource.changes!(began, null))).toEqual([]);
		clock.ms += 2000;
		expect(names(await resource.changes!(poll, null))).toEqual([]);
		expect(names(await resource.changes!(began, null))).toEqual(['Late']);
	});

	it('finds a reference only after its lag, and refuses a second one where it is unique', async () => {
		const { clock, create, resource } = world({ referenceLagMs: 3000, reference: 'unique' });
		const { id } = await create('cm-1', { value: 'T-2', name: 'Two' });
		expect(await resource.findByReference!(['cm-1'])).toEqual([]);
		clock.ms += 3000;
		expect(await resource.findByReference!(['cm-1'])).toMatchObject([{ id }]);
		await expect(create('cm-1', { value: 'T-3', name: 'Three' })).rejects.toEqual(kind('duplicate'));
	});

	it('leaves the stamp alone for fields that it does not cover', async () => {
		const { channel, clock, id } = world({ stampCovers: ['name'] });
		const before = channel.record('product', id)?.stamp;
		clock.ms += 5000;
		channel.edit('product', id, { price: '11' });
		expect(channel.record('product', id)?.stamp).toBe(before);
		channel.edit('product', id, { name: 'New' });
		expect(channel.record('product', id)?.stamp).not.toBe(before);
	});

	it('goes back to a backup', async () => {
		const { channel, clock, id } = world();
		const backup = clock.ms;
		clock.ms += 60_000;
		channel.edit('product', id, { name: 'New' });
		const added = channel.add('product', { value: 'T-2', name: 'Two' });
		channel.restoreBackup(backup);
		expect(channel.record('product', id)?.fields['name']).toBe('Tent');
		expect(channel.record('product', added)).toBeUndefined();
	});

	it('hides a rewriting from the connector when told to', async () => {
		const { resource, update, one } = world({
			entities: { product: [{ name: 'name', type: 'text', rewrite: 'upper', hidden: true }] },
			unique: null
		});
		await update({ name: 'New' });
		expect((await one())?.fields['name']).toBe('NEW');
		expect(resource.fields[0]?.normal('New')).toBe('New');
	});
});

it('lacks what the options take away', () => {
	const { resource } = world({ reference: 'none', hasChanges: false, hasCreate: false });
	expect(resource).not.toHaveProperty('changes');
	expect(resource).not.toHaveProperty('create');
	expect(resource).not.toHaveProperty('findByReference');
	expect(resource.capabilities.reference).toBeUndefined();
});

it('asks the simulator about every call and waits for it on both ways', async () => {
	const seen: string[] = [];
	const { update } = world({
		faultFor: ({ seq }) => (seq === 2 ? { kind: 'fails', as: 'unreachable' } : undefined),
		pause: async (at, { method }) => void seen.push(`${at} ${method}`)
	});
	await update({ name: 'New' });
	await expect(update({ name: 'Newer' })).rejects.toEqual(kind('unreachable'));
	expect(seen).toEqual(['before update', 'after update', 'before update']);
});
