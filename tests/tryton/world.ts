import { sql } from 'drizzle-orm';
import { createTransport } from '#src/engine/connectors/http.ts';
import { tryton } from '#src/engine/connectors/tryton/index.ts';
import type { HttpReply } from '#src/engine/connectors/transport.ts';
import { createEngine } from '#src/engine/create-engine.ts';
import type { Fields } from '#src/sync/fields.ts';
import { testDatabase } from '../pg/database.ts';
import { type ChannelSetUp, createWorld, insertChannel, storyOf, wallClock } from '../scenarios/world.ts';
import { decimal, type TrytonClient } from './client.ts';
import { productKey } from './rig.ts';
import type { TrytonServer } from './server.ts';

/** One call on its way to Tryton. */
export type Call = { method: string; params: unknown[] };

/** Models that a sync could write to. */
const watched = [
	'product.template',
	'product.product',
	'product.identifier',
	'party.party',
	'party.identifier',
	'party.contact_mechanism',
	'product.category',
	'stock.location',
	'product.price_list',
	'product.price_list.line'
];
const watchedSales = ['sale.sale', 'sale.line', ...watched];

/** The real engine and store on a real database, with a real Tryton as the channel. Close it in the end. */
export async function createTrytonWorld(server: TrytonServer) {
	const database = await testDatabase();
	const { db, ports } = await createWorld(database.db);
	const calls: Call[] = [];
	const hooks: {
		before?: ((call: Call) => Promise<void>) | undefined;
		after?: ((call: Call) => Promise<void>) | undefined;
	} = {};
	const send = createTransport({ fetch, monotonicNow: wallClock.monotonicMs, wallNow: wallClock.nowMs });
	const transport = async (request: Parameters<typeof send>[0]): Promise<HttpReply> => {
		const call = JSON.parse(request.body ?? '{}') as Call;
		calls.push(call);
		await hooks.before?.(call);
		const reply = await send(request);
		await hooks.after?.(call);
		return reply;
	};
	const engine = createEngine({ ...ports, connectors: [tryton], transport });
	let channels = 0;

	/** A channel; with a Tryton database of its own where it creates records by itself. */
	async function addChannel(set: ChannelSetUp = {}, entity = 'product') {
		const hasSales = set.entities?.includes('sales-order') === true;
		const own = hasSales ? 'sales' : creates(set) ? 'goods' : undefined;
		const { client, url, user, password, database: file } = own ? await server.freshDatabase(own) : server;
		const productCategory = set.entities?.includes('product-category') ? 'sync' : 'leave';
		const settings = { url, database: file, user, backend: 'sqlite', productCategory };
		const id = await insertChannel(db, `Tryton ${(channels += 1)}`, 'tryton', settings, set);
		await db.execute(sql`
			update c_channel set credentials = ${JSON.stringify({ password })}::text::jsonb where id = ${id}::bigint`);
		/** The story of one kind of record at this channel. */
		const tell = (name: string) => {
			const story = storyOf(db, engine, id, client, name);
			return {
				...story,
				client,
				/** Runs until this holds: on SQLite a push waits until the record's last change there is two seconds old. */
				async runUntil(holds: () => Promise<boolean>) {
					for (let runs = 0; runs < 20; runs += 1) {
						const run = await story.run();
						if (await holds()) return run;
						await wallClock.sleep(200);
					}
					throw new Error(
						`still not so: ${JSON.stringify({ links: await story.links(), conflicts: await story.conflicts() })}`
					);
				},
				/** When every row was last written, by Tryton's own account. */
				writeDates: () => Promise.all((hasSales ? watchedSales : watched).map((model) => client.writeDates(model)))
			};
		};
		return { ...tell(entity), tell };
	}

	return { db, engine, calls, hooks, addChannel, close: () => database.close() };
}

/** A channel with the story of its first kind of record, and `tell` for the others. */
export type TrytonChannel = Awaited<ReturnType<Awaited<ReturnType<typeof createTrytonWorld>>['addChannel']>>;

export type TrytonStory = ReturnType<TrytonChannel['tell']>;

function creates(set: ChannelSetUp): boolean {
	return set.autoCreateExternal === true || set.autoCreateInternal === true;
}

/** Adds a product as a user of Tryton would. */
export async function addProduct(client: TrytonClient, fields: Fields) {
	const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
	const variant = { suffix_code: fields['value'], description: fields['description'] ?? null };
	const id = await client.create('product.template', {
		name: fields['name'],
		type: 'goods',
		default_uom: unit['id'],
		list_price: decimal(String(fields['price'])),
		products: [['create', [variant]]]
	});
	return productKey(client, id);
}

/** A product as Tryton holds it, by our names. */
export async function productOf(client: TrytonClient, templateId: string): Promise<Fields> {
	const columns = ['code', 'description', 'active', 'template.name', 'template.list_price'];
	const row = await client.one('product.product', [['template', '=', Number(templateId)]], columns);
	const template = row['template.'] as Record<string, string>;
	return {
		value: String(row['code']),
		name: template['name'] ?? null,
		description: row['description'] as string | null,
		price: template['list_price'] ?? null,
		is_active: Boolean(row['active'])
	};
}
