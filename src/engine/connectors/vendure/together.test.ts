import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type VendureClient } from '../../../../tests/vendure/client.ts';
import { productRig } from '../../../../tests/vendure/rig.ts';
import type { ExternalKey, Resource, Session, UpdateInput } from '../connector.ts';
import { createTransport } from '../http.ts';
import { type FakeVendure, startFakeVendure } from './fake.ts';
import { vendure } from './index.ts';

const guarded = 'channelMappingUpdateProduct';

let fake: FakeVendure;
let client: VendureClient;
let session: Session;
let products: Resource;
/** Bytes of each request. */
let sizes: number[];

async function start(plugin: boolean) {
	await fake?.stop();
	fake = await startFakeVendure({ plugin });
	client = await connect(fake);
	sizes = [];
	const send = createTransport({ fetch, monotonicNow: () => 0, wallNow: () => 0 });
	const { url, user, password } = fake;
	session = vendure.open({
		settings: { url },
		credentials: { user, password },
		transport(request) {
			sizes.push(Buffer.byteLength(request.body ?? ''));
			return send(request);
		}
	});
	products = session.resource('product')!;
}

beforeEach(() => start(true));
afterEach(() => fake.stop());

const rig = () => productRig({ ...fake, client });
const seed = (count: number, over = {}): Promise<readonly ExternalKey[]> =>
	rig().seed(
		Array.from({ length: count }, (_, at) => ({ value: `A-${at}`, name: `Tent ${at}`, price: '12.50', ...over }))
	);

/** Writes of these fields, under what is there now. */
async function updatesOf(keys: readonly ExternalKey[], fields: (at: number) => UpdateInput['fields']) {
	const records = await products.read(keys);
	return keys.map((key, at): UpdateInput => {
		const version = records.find(({ variantId }) => variantId === key.variantId)?.version ?? null;
		return { ...key, version, fields: fields(at) };
	});
}

/** What became of each, and how many calls it took. */
async function send(inputs: readonly UpdateInput[]) {
	const before = sizes.length;
	const outcomes = await products.updateTogether!.send(inputs);
	const kinds = outcomes.map((outcome) => ('kind' in outcome ? outcome.kind : 'written'));
	return { kinds, calls: sizes.length - before };
}

describe('updates that are sent together', () => {
	it('take one call, with their products renamed, and one question for those', async () => {
		const keys = await seed(5);
		expect(await send(await updatesOf(keys, () => ({ price: '9.00' })))).toEqual({
			kinds: Array(5).fill('written'),
			calls: 1
		});
		expect(await send(await updatesOf(keys, (at) => ({ name: `Yurt ${at}` })))).toMatchObject({ calls: 2 });
		const { found } = await client.call<{ found: { items: { translations: { name: string }[] }[] } }>(
			'query { found: products { items { translations { name } } } }',
			{}
		);
		expect(found.items.map(({ translations }) => translations[0]?.name)).toContain('Yurt 4');
	});

	it('go on behind one that is refused, and only that one is not written', async () => {
		const keys = await seed(4);
		const inputs = await updatesOf(keys, (at) => ({ value: `B-${at}`, ...(at === 1 && { name: null }) }));
		expect(await send(inputs)).toEqual({ kinds: ['written', 'rejected', 'written', 'written'], calls: 2 });
		const records = await products.read(keys);
		expect(records.map(({ fields }) => fields['value']).sort()).toEqual(['A-1', 'B-0', 'B-2', 'B-3']);
	});

	it('go on with a new session where theirs ends in the middle', async () => {
		const keys = await seed(4);
		const inputs = await updatesOf(keys, (at) => ({ value: `B-${at}` }));
		fake.endSessions();
		expect(await send(inputs)).toMatchObject({ kinds: Array(4).fill('written') });
		let asked = 0;
		const endSecond = async () => {
			asked += 1;
			if (asked === 2) fake.endSessions();
			else fake.meddle(guarded, endSecond);
		};
		fake.meddle(guarded, endSecond);
		expect(await send(await updatesOf(keys, (at) => ({ value: `C-${at}` })))).toMatchObject({
			kinds: Array(4).fill('written')
		});
		const records = await products.read(keys);
		expect(records.map(({ fields }) => fields['value']).sort()).toEqual(['C-0', 'C-1', 'C-2', 'C-3']);
	});

	it('are no larger than what a server takes, and one is sent whatever its size is', async () => {
		const keys = await seed(6, { description: 'x'.repeat(30_000) });
		const inputs = await updatesOf(keys, (at) => ({ price: `${at + 1}.00` }));
		sizes = [];
		expect(await send(inputs)).toMatchObject({ kinds: Array(6).fill('written') });
		expect(Math.max(...sizes)).toBeLessThan(100_000);
		expect(sizes.length).toBeLessThan(6);
		const large = await updatesOf(keys.slice(0, 1), () => ({ description: 'y'.repeat(120_000) }));
		expect(await send(large)).toMatchObject({ kinds: ['written'] });
		fake.answerNext(guarded, () => Response.json({ statusCode: 500, message: '' }, { status: 500 }));
		const larger = await updatesOf(keys.slice(0, 1), () => ({ description: 'z'.repeat(120_000) }));
		expect(await send(larger), 'which Vendure says no more about').toMatchObject({ kinds: ['rejected'] });
	});

	it('are halved where a server takes no call of this size', async () => {
		const keys = await seed(4);
		fake.answerNext(guarded, () => new Response('too large', { status: 413 }));
		expect(await send(await updatesOf(keys, () => ({ price: '9.00' })))).toEqual({
			kinds: Array(4).fill('written'),
			calls: 3
		});
	});

	it('say what became of each, whatever became of the others', async () => {
		const keys = await seed(4);
		const inputs = await updatesOf(keys, (at) => ({ value: `B-${at}`, ...(at === 2 && { name: null }) }));
		await rig().edit(keys[0]!, { price: '1.00' });
		await rig().remove(keys[1]!);
		expect(await send(inputs)).toMatchObject({ kinds: ['conflict', 'missing', 'rejected', 'written'] });
	});

	it('are compared again where a server kept back their answers, since each may have been refused', async () => {
		const keys = await seed(3);
		const inputs = await updatesOf(keys, () => ({ price: '9.00' }));
		fake.answerNext(guarded, () => Response.json({ data: null, errors: [{ message: 'No.', path: ['w1'] }] }));
		expect(await send(inputs)).toEqual({ kinds: ['conflict', 'unreachable', 'written'], calls: 2 });
	});

	it('are halved where a server takes no call with so many', async () => {
		const keys = await seed(4);
		const errors = [{ message: 'Aliases limit of 2 exceeded.', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }];
		fake.answerNext(guarded, () => Response.json({ data: null, errors }, { status: 400 }));
		expect(await send(await updatesOf(keys, () => ({ price: '9.00' })))).toEqual({
			kinds: Array(4).fill('written'),
			calls: 3
		});
	});

	it('are all unknown where the connection breaks', async () => {
		const keys = await seed(3);
		fake.answerNext(guarded, () => new Response('', { status: 502 }));
		expect(await send(await updatesOf(keys, () => ({ price: '9.00' })))).toEqual({
			kinds: Array(3).fill('unreachable'),
			calls: 1
		});
	});

	it('count as written only where they are answered', async () => {
		const keys = await seed(2);
		fake.answerNext(guarded, () =>
			Response.json({ data: { w0: { outcome: 'written', updatedAt: null, state: null } } })
		);
		expect(await send(await updatesOf(keys, () => ({ price: '9.00' })))).toMatchObject({
			kinds: Array(2).fill('invalid-reply')
		});
		fake.answerNext(guarded, () => Response.json({ data: null, errors: [{ message: 'No.', path: ['other'] }] }));
		expect(await send(await updatesOf(keys, () => ({ price: '9.00' })))).toMatchObject({
			kinds: Array(2).fill('unreachable')
		});
	});

	it('without the plugin a part of a write that was taken makes it unknown, and the next ones are written', async () => {
		await start(false);
		const keys = await seed(3);
		fake.refuseNext('updateProduct', 'No.', 'USER_INPUT_ERROR');
		const inputs = await updatesOf(keys, () => ({ price: '3.00', description: 'Good' }));
		expect(await send(inputs)).toMatchObject({ kinds: ['unreachable', 'written', 'written'] });
	});
});
