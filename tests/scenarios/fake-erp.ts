import { sql } from 'drizzle-orm';
import { createTransport } from '#src/engine/connectors/http.ts';
import { startFakeTryton } from '#src/engine/connectors/tryton/fake.ts';
import { tryton } from '#src/engine/connectors/tryton/index.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import { connect, decimal } from '../tryton/client.ts';
import { type createWorld, insertChannel, storyOf, type ChannelSetUp, wallClock } from './world.ts';

type World = Awaited<ReturnType<typeof createWorld>>;

let number = 0;

/** A Tryton in memory as a channel, with the stories of its products and of their parents. Stop it in the end. */
export async function addErp({ db, ports }: World, set: ChannelSetUp = {}) {
	number += 1;
	const fake = await startFakeTryton();
	// Ahead of us, so that the next scan sees all that was written there, whenever.
	await fake.pass(Date.now() - Date.UTC(2026, 10, 28, 15) + 3_600_000);
	const client = await connect(fake);
	const engine = createEngine({
		...ports,
		connectors: [tryton],
		transport: createTransport({ fetch: fake.fetch, monotonicNow: wallClock.monotonicMs, wallNow: wallClock.nowMs })
	});
	const { url, user, database: file, password } = fake;
	const settings = { url, user, database: file, backend: 'postgresql' };
	const channelId = await insertChannel(db, `erp-${number}`, 'tryton', settings, {
		entities: ['product', 'product-parent'],
		...set
	});
	await db.execute(sql`
		update c_channel set credentials = ${JSON.stringify({ password })}::text::jsonb where id = ${channelId}::bigint`);
	const products = storyOf(db, engine, channelId, client);
	const parents = storyOf(db, engine, channelId, client, 'product-parent');
	const own = number;
	const code = (name: string) => `${name}-${own}`;
	const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
	return {
		engine,
		fake,
		client,
		products,
		parents,
		code,
		/** A template there with variants of these codes; its id, and theirs. */
		async template(name: string, ...codes: string[]) {
			const id = await client.create('product.template', {
				name,
				default_uom: unit['id'],
				list_price: decimal('10'),
				products: [['create', codes.map((each) => ({ suffix_code: code(each) }))]]
			});
			const variants = await client.call<number[]>('product.product.search', [['template', '=', id]]);
			return { id, variants };
		},
		addVariant: (template: number, name: string) =>
			client.create('product.product', { template, suffix_code: code(name) }),
		nameOf: async (template: number) =>
			(await client.one('product.template', [['id', '=', template]], ['name']))['name'],
		/** A product of ours, linked to this variant and compared. */
		async linked(name: string, template: number, variant: number, more: object = {}) {
			const fields = { value: code(name), name: 'Tent', price: '10', is_active: true, ...more };
			const id = await products.addInternal(fields);
			const linkId = await products.link(id, String(template), String(variant));
			await products.run();
			return { id, linkId };
		},
		/** A parent of ours, linked to this template and compared. */
		async parentOf(template: number, name = 'Tent') {
			const id = await parents.addInternal({ value: code('PARENT'), name, price: '10' });
			const linkId = await parents.link(id, String(template));
			await parents.run();
			return { id, linkId };
		},
		/** How often the engine wrote there while this was done. */
		async writesDuring(work: () => Promise<unknown>) {
			const before = fake.calls.length;
			await work();
			return fake.calls.slice(before).filter((method) => /\.(write|create|delete)$/.test(method)).length;
		},
		async runBoth(mode: 'incremental' | 'full' = 'incremental') {
			await parents.run(mode);
			await products.run(mode);
		}
	};
}
