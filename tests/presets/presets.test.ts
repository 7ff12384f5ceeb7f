import { describe, expect, it } from 'vitest';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { restPresets } from '#src/engine/connectors/rest/presets.ts';
import { createTransport } from '#src/engine/connectors/http.ts';
import { exerciseConnector, type Exercise } from '../conformance/exercise-connector.ts';
import { fakeBusinessCentral } from './fake-business-central.ts';
import { fakeOdoo } from './fake-odoo.ts';
import { fakeSapBusinessOne } from './fake-sap-business-one.ts';
import { fakeShopify } from './fake-shopify.ts';
import { fakeWooCommerce } from './fake-woocommerce.ts';
import { startVendor } from './start-vendor.ts';

const all = { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' };

const unguarded = {
	reason: 'it has no precondition',
	tests: ['update under an outdated version is a conflict and writes nothing', 'every write moves the version']
};
const noCreate = {
	reason: 'it has no field that could carry a reference',
	tests: [
		'create makes one record with these values, which carries the reference and is found by it',
		'what create reports is what a read then shows',
		'a reference that nobody carries is not found',
		'a created record comes with its reference in every way of reading',
		'create with a unique value that is taken is a duplicate and creates nothing',
		'create with values that the channel refuses keeps its words and creates nothing'
	]
};
const noUnique = {
	reason: 'nothing that is tried here must be unique',
	tests: ['create with a unique value that is taken is a duplicate and creates nothing']
};
const noText = {
	reason: 'its items have no text',
	tests: [
		'an empty value is there as empty, not absent',
		'update keeps long and foreign text',
		'update clears a field with null'
	]
};

/** Takes a property out of every object, however deep it stands. */
const withoutField = (name: string) => (body: string) =>
	JSON.stringify(JSON.parse(body, (key, value: unknown) => (key === name ? undefined : value)));

const exercises: readonly Exercise[] = [
	{
		name: 'preset odoo against a fake Odoo',
		entity: 'product',
		start: () => startVendor(fakeOdoo),
		fields: all,
		refused: { fields: { name: 'x'.repeat(61) }, words: /too long/ },
		wire: 'http',
		withoutField: withoutField('default_code'),
		skip: [unguarded, noUnique]
	},
	{
		name: 'preset business-central against a fake Business Central',
		entity: 'product',
		start: () => startVendor(fakeBusinessCentral),
		fields: { code: 'value', name: 'name', price: 'price', active: 'is_active' },
		refused: { fields: { name: 'Refused' }, words: /refused/ },
		wire: 'http',
		withoutField: withoutField('displayName'),
		skip: [
			noCreate,
			noText,
			{
				reason: 'its stamps have milliseconds',
				tests: ['changes since a moment within the resolution of the stamp still brings the record']
			}
		]
	},
	{
		name: 'preset woocommerce against a fake WooCommerce',
		entity: 'product',
		start: () => startVendor(fakeWooCommerce),
		fields: all,
		refused: { fields: { name: 'Refused' }, words: /refused/ },
		wire: 'http',
		withoutField: withoutField('sku'),
		skip: [unguarded, noCreate]
	},
	{
		name: 'preset shopify against a fake Shopify',
		entity: 'product',
		start: () => startVendor(fakeShopify),
		fields: { code: 'name', name: 'description', text: 'description', active: 'is_active' },
		refused: { fields: { name: 'x'.repeat(256) }, words: /too long/ },
		wire: 'http',
		withoutField: withoutField('title'),
		skip: [unguarded, noUnique, { reason: 'prices are those of variants', tests: ['update keeps decimals exact'] }]
	},
	{
		name: 'preset sap-business-one against a fake Service Layer',
		entity: 'product',
		start: () => startVendor(fakeSapBusinessOne),
		fields: { ...all, code: 'gtin' },
		refused: { fields: { name: 'Refused' }, words: /refused/ },
		wire: 'http',
		withoutField: withoutField('BarCode'),
		skip: [unguarded, noCreate]
	}
];
for (const exercise of exercises) exerciseConnector(exercise);

const transport = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: () => Date.now() });

describe('what is peculiar to a system', () => {
	it.each(restPresets.map(({ label, about, settings }) => [label, about, settings] as const))(
		'%s says where it can be chosen that it was not tried on the real service, and every entity of it is whole',
		(_, about, settings) => {
			expect(rest.check(settings)).toEqual([]);
			expect(about).toContain('not tested against the real service');
			expect(Object.keys(settings['entities'] as object).sort()).toEqual(['business-partner', 'product']);
		}
	);

	it('a token that runs out is renewed once, also under a write, and the write is made once', async () => {
		let hands!: ReturnType<typeof fakeBusinessCentral>;
		const rig = await startVendor((store) => (hands = fakeBusinessCentral(store)));
		const session = rig.connector.open({ settings: rig.settings, credentials: rig.credentials, transport });
		const product = session.resource('product')!;
		const [key] = await rig.seed([{ value: 'T1', name: 'Tent' }]);
		await Promise.all([product.read([key!]), product.list(null), product.search('Tent')]);
		expect(hands.tokensGiven()).toBe(1);
		hands.expireToken();
		const [before] = await product.read([key!]);
		hands.expireToken();
		await product.update!({ ...key!, version: before!.version, fields: { name: 'Tarp' } });
		expect(hands.tokensGiven()).toBe(3);
		expect(rig.store.get(key!.id)).toMatchObject({ rev: 2, values: { displayName: 'Tarp' } });
		await rig.stop?.();
	});

	it('a session that ended is begun again, and a wrong password tries one login, not two', async () => {
		let hands!: ReturnType<typeof fakeSapBusinessOne>;
		const rig = await startVendor((store) => (hands = fakeSapBusinessOne(store)));
		const session = rig.connector.open({ settings: rig.settings, credentials: rig.credentials, transport });
		await session.probe();
		hands.expireSession();
		await session.probe();
		expect(hands.logins()).toBe(2);
		const sent: string[] = [];
		const wrong = rig.connector.open({
			settings: rig.settings,
			credentials: rig.wrongCredentials,
			transport: (request) => (sent.push(request.url), transport(request))
		});
		await expect(wrong.probe()).rejects.toMatchObject({ kind: 'unauthorized' });
		expect(sent).toHaveLength(1);
		await session.close();
		await rig.stop?.();
	});

	it('a good answer that says "throttled" is no empty page', async () => {
		let hands!: ReturnType<typeof fakeShopify>;
		const rig = await startVendor((store) => (hands = fakeShopify(store)));
		const product = rig.connector
			.open({ settings: rig.settings, credentials: rig.credentials, transport })
			.resource('product')!;
		hands.throttle(1);
		await expect(product.list(null)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 2000 });
		await rig.stop?.();
	});
});
