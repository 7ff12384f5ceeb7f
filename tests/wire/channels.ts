import { erpSettings, shopSettings } from '#src/demo/channels.ts';
import { createErp } from '#src/demo/erp/create-erp.ts';
import { createErpStore } from '#src/demo/erp/erp-store.ts';
import type { ErpKind } from '#src/demo/erp/vocabulary.ts';
import type { Connector, ExternalKey, Resource, Session } from '#src/engine/connectors/connector.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { startFakeTryton } from '#src/engine/connectors/tryton/fake.ts';
import { tryton } from '#src/engine/connectors/tryton/index.ts';
import { startFakeVendure } from '#src/engine/connectors/vendure/fake.ts';
import { vendure } from '#src/engine/connectors/vendure/index.ts';
import type { Transport } from '#src/engine/connectors/transport.ts';
import type { Fields } from '#src/sync/fields.ts';

/** A true channel below the wire, with the connector that speaks to it. */
export type WireChannel = {
	entity: string;
	connector: Connector;
	settings: unknown;
	credentials: Record<string, string>;
	/** Reaches the channel without a socket. */
	fetch: typeof fetch;
	/** Lets its clock go on. */
	pass(ms: number): Promise<void>;
	stop(): Promise<void>;
};

const key = 's3cret-key';

const makers: Readonly<Record<string, () => Promise<WireChannel>>> = {
	'rest-erp': async () => restChannel('erp'),
	'rest-shop': async () => restChannel('shop'),
	'tryton-product': () => trytonChannel('product'),
	'tryton-partner': () => trytonChannel('business-partner'),
	'vendure-product': () => vendureChannel('product'),
	'vendure-partner': () => vendureChannel('business-partner')
};

/** The channels that replies are damaged of. */
export const channelNames: readonly string[] = Object.keys(makers);

/** A fresh channel of this name. */
export async function makeChannel(name: string): Promise<WireChannel> {
	const make = makers[name];
	if (!make) throw new Error(`there is no channel ${name}: choose ${channelNames.join(', ')}`);
	return make();
}

function restChannel(kind: ErpKind): WireChannel {
	let now = Date.UTC(2026, 10, 28, 15);
	const nowMs = () => (now += 1.001);
	const app = createErp({ kind, store: createErpStore({ nowMs, wholeSeconds: kind === 'shop' }), nowMs, key });
	const settings = kind === 'erp' ? erpSettings('http://channel.test') : shopSettings('http://channel.test');
	const product = settings.entities['product'];
	if (product) product.pageSize = 4;
	return {
		entity: 'product',
		connector: rest,
		settings: { ...settings, timeoutMs: 300 },
		credentials: { key },
		fetch: async (input, init) => app.fetch(new Request(input, init)),
		pass: async (ms) => void (now += ms),
		stop: async () => {}
	};
}

async function trytonChannel(entity: string): Promise<WireChannel> {
	const fake = await startFakeTryton();
	const { url, database, user, password } = fake;
	return {
		entity,
		connector: tryton,
		settings: { url, database, user },
		credentials: { password },
		fetch: fake.fetch,
		pass: fake.pass,
		stop: () => fake.stop()
	};
}

async function vendureChannel(entity: string): Promise<WireChannel> {
	const fake = await startFakeVendure({ plugin: true });
	const { url, user, password } = fake;
	return {
		entity,
		connector: vendure,
		settings: { url, customerCodeField: 'customerNumber' },
		credentials: { user, password },
		fetch: fake.fetch,
		pass: fake.pass,
		stop: () => fake.stop()
	};
}

export type Known = {
	keys: readonly ExternalKey[];
	references: readonly string[];
	versions: readonly (string | null)[];
};

/** Makes a few records with references, over an undisturbed wire. */
export async function seed(resource: Resource): Promise<Known> {
	const names = new Set(resource.fields.map(({ name }) => name));
	const references = Array.from({ length: 6 }, (_, number) => `ref-${number}`);
	const keys: ExternalKey[] = [];
	const versions: (string | null)[] = [];
	for (const [number, reference] of references.entries()) {
		const fields = Object.entries(sampleFields(`S${number}`)).filter(([name]) => names.has(name));
		const made = await resource.create?.({ reference, fields: Object.fromEntries(fields) });
		if (!made) throw new Error('the channel does not create');
		keys.push({ id: made.id, variantId: made.variantId });
		versions.push(made.version);
	}
	return { keys, references, versions };
}

/** Values for every entity: what a resource does not know is left out by whoever sends them. */
export function sampleFields(code: string): Fields {
	return {
		value: code,
		name: `Lamp ${code}`,
		description: 'Light\nin the dark',
		gtin: '4006381333931',
		price: '12.50',
		currency: 'EUR',
		email: `lamp-${code.toLowerCase()}@example.org`,
		phone: '+4912345678',
		tax_id: 'DE123456789',
		is_active: true
	};
}

export function open(channel: WireChannel, transport: Transport): { session: Session; resource: Resource } {
	const { connector, settings, credentials, entity } = channel;
	const session = connector.open({ settings, credentials, transport });
	const resource = session.resource(entity);
	if (!resource) throw new Error(`no resource ${entity}`);
	return { session, resource };
}
