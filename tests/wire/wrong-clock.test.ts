import { expect, it } from 'vitest';
import { makeChannel } from './channels.ts';
import { createChance } from './chance.ts';
import { createEngineWorld } from './engine-world.ts';

const monthMs = 30 * 86_400_000;
/** Longer than a scan overlaps the one before. */
const hourMs = 3_600_000;

/** An engine with one linked pair in sync, over a wire whose answers get the headers that `told` gives. */
async function linkedPair(name: string) {
	const channel = await makeChannel(name);
	let told: (() => Record<string, string>) | undefined;
	const wire: typeof fetch = async (input, init) => {
		const reply = await channel.fetch(input, init);
		const headers = { ...Object.fromEntries(reply.headers), ...told?.() };
		return new Response(await reply.arrayBuffer(), { status: reply.status, headers });
	};
	const world = createEngineWorld(channel, createChance(1).number, () => wire);
	const internalId = world.addInternal('S1');
	const { resource } = world;
	const names = new Set(resource.fields.map((field) => field.name));
	const ours = Object.entries(world.records.read(internalId)?.fields ?? {}).filter(([field]) => names.has(field));
	await resource.create?.({ reference: 'theirs-1', fields: Object.fromEntries(ours) });
	const [there] = await world.external();
	if (!there) throw new Error('the channel does not create');
	await world.run('full');
	await world.link(internalId, there);
	await world.run('incremental');
	expect(world.links()).toMatchObject([{ status: 'in-sync' }]);
	return {
		world,
		tell: (headers: typeof told) => void (told = headers),
		/** Edits the record there; what ours is called after the next run. */
		async heard(text: string, pauseMs: number) {
			await resource.update?.({ id: there.id, variantId: there.variantId, version: null, fields: { name: text } });
			await world.pass(pauseMs);
			expect(await world.run('incremental')).toMatchObject({ state: 'succeeded' });
			return world.records.read(internalId)?.fields['name'];
		},
		async stop() {
			await world.close();
			await channel.stop();
		}
	};
}

it('the time on one stray answer of a channel that tells none does not make the engine deaf', async () => {
	const pair = await linkedPair('tryton-product');
	let answers = 0;
	pair.tell(() => ((answers += 1) === 1 ? { date: 'Fri, 31 Dec 9999 23:59:59 GMT' } : {}));
	await pair.world.run('full');
	await pair.world.run('full');
	expect(answers).toBeGreaterThan(1);
	expect(await pair.heard('Heard', 1000)).toBe('Heard');
	await pair.world.pass(hourMs);
	expect(await pair.heard('Heard again', 1000)).toBe('Heard again');
	await pair.stop();
});

it('what was edited while a clock was wrong is heard once the answers tell the time again', async () => {
	const pair = await linkedPair('rest-erp');
	pair.tell(() => ({ 'x-server-time': String(Date.UTC(2026, 10, 28, 15) + monthMs) }));
	await pair.world.run('full');
	await pair.world.run('full');
	pair.tell(undefined);
	// The scan itself is the first to be told: it asked for what happened in a month.
	expect(await pair.heard('Heard', hourMs)).toBe('Heard');
	expect(await pair.heard('Heard again', hourMs)).toBe('Heard again');
	await pair.stop();
});
