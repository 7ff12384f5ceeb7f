import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hmacWebhooks, standardWebhooks, type Webhook } from './webhook.ts';

const nowMs = 1_780_000_000_000;
const secret = `whsec_${Buffer.from('a secret of 24 bytes....').toString('base64')}`;

function webhook(headers: Record<string, string>, body: string | object = ''): Webhook {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	return { header: (name) => headers[name.toLowerCase()] ?? null, body: Buffer.from(text) };
}

function signed(body: string | object, { id = 'msg_1', at = nowMs / 1000, key = secret, more = '' } = {}): Webhook {
	const text = typeof body === 'string' ? body : JSON.stringify(body);
	const bytes = Buffer.from(key.slice('whsec_'.length), 'base64');
	const signature = createHmac('sha256', bytes).update(`${id}.${at}.${text}`).digest('base64');
	return webhook(
		{ 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `${more}v1,${signature}` },
		text
	);
}

describe('Standard Webhooks', () => {
	it("is told by the specification's own example", () => {
		const example = webhook(
			{
				'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
				'webhook-timestamp': '1614265330',
				'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
			},
			'{"test": 2432232314}'
		);
		expect(standardWebhooks.idOf(example.header, 1_614_265_330_000)).toBe('msg_p5jXN8AQM9LWM0D4loKWxJek');
		expect(standardWebhooks.isSigned(example, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toBe(true);
	});

	it('takes any of several secrets and signatures, and no other', () => {
		const one = signed({ a: 1 });
		expect(standardWebhooks.isSigned(one, ['whsec_b3RoZXI=', secret])).toBe(true);
		expect(standardWebhooks.isSigned(signed({ a: 1 }, { more: 'v1a,xyz v1,AAAA ' }), [secret])).toBe(true);
		expect(standardWebhooks.isSigned(one, ['whsec_b3RoZXI='])).toBe(false);
		expect(standardWebhooks.isSigned({ ...one, body: Buffer.from('{"a":2}') }, [secret])).toBe(false);
		expect(standardWebhooks.isSigned(one, [])).toBe(false);
	});

	it.each([
		['five minutes old', nowMs / 1000 - 300, 'msg_1'],
		['older', nowMs / 1000 - 301, undefined],
		['from the future', nowMs / 1000 + 301, undefined]
	])('%s', (_, at, id) => {
		expect(standardWebhooks.idOf(signed('', { at }).header, nowMs)).toBe(id);
	});

	it('is refused without reading the body where a header is missing', () => {
		expect(standardWebhooks.idOf(webhook({ 'webhook-id': 'msg_1' }).header, nowMs)).toBeUndefined();
	});

	it.each([
		[{ type: 'product.updated', data: { id: 12 } }, [{ entity: 'product', id: '12' }]],
		[
			'{"type":"product.updated","data":{"id":12345678901234567890}}',
			[{ entity: 'product', id: '12345678901234567890' }]
		],
		[
			{ type: 'product', data: { ids: ['a', 'b'], id: 'c' } },
			[
				{ entity: 'product', id: 'c' },
				{ entity: 'product', id: 'a' },
				{ entity: 'product', id: 'b' }
			]
		],
		[{ type: 'product.updated', data: {} }, [{ entity: 'product' }]],
		[{ type: 'product.updated', data: { id: 'x'.repeat(501) } }, [{ entity: 'product' }]],
		[{ type: 'product.updated', data: { ids: Array.from({ length: 2000 }, String) } }, [{ entity: 'product' }]],
		['no JSON', [{}]],
		['', [{}]],
		['['.repeat(100_000), [{}]]
	])('%j names %j', (body, hints) => {
		expect(standardWebhooks.hints(webhook({}, body))).toEqual(hints);
	});
});

describe('a vendor with a signature header of its own', () => {
	const shop = hmacWebhooks({
		signatureHeader: 'x-wc-webhook-signature',
		encoding: 'base64',
		idHeader: 'x-wc-webhook-delivery-id',
		topicHeader: 'x-wc-webhook-topic',
		topics: { product: 'product', customer: 'business-partner' }
	});
	const sign = (body: string) => createHmac('sha256', 'shop secret').update(body).digest('base64');
	const sent = (topic: string, body: string) =>
		webhook(
			{
				'x-wc-webhook-signature': sign(body),
				'x-wc-webhook-delivery-id': 'd1',
				'x-wc-webhook-topic': topic
			},
			body
		);

	it('is signed over the body alone', () => {
		const one = sent('product.updated', '{"id":7}');
		expect(shop.idOf(one.header, nowMs)).toBe('d1');
		expect(shop.isSigned(one, ['another', 'shop secret'])).toBe(true);
		expect(shop.isSigned(one, ['another'])).toBe(false);
		expect(shop.isSigned({ ...one, body: Buffer.from('{"id":8}') }, ['shop secret'])).toBe(false);
		expect(shop.idOf(webhook({}).header, nowMs)).toBeUndefined();
	});

	it('names records by its topics, and leaves the topics alone that are not mapped', () => {
		expect(shop.hints(sent('product.updated', '{"id":7,"price":"1"}'))).toEqual([{ entity: 'product', id: '7' }]);
		expect(shop.hints(sent('customer/create', '{"id":7}'))).toEqual([{ entity: 'business-partner', id: '7' }]);
		expect(shop.hints(sent('products.updated', '{"id":7}'))).toEqual([]);
		expect(shop.hints(sent('product.updated', '{}'))).toEqual([{ entity: 'product' }]);
	});

	it('may have a prefix and hex', () => {
		const hub = hmacWebhooks({
			signatureHeader: 'x-signature',
			encoding: 'hex',
			prefix: 'sha256=',
			idPath: 'data.ref'
		});
		const body = '{"data":{"ref":"R1"}}';
		const hex = createHmac('sha256', 'k').update(body).digest('hex');
		expect(hub.isSigned(webhook({ 'x-signature': `sha256=${hex}` }, body), ['k'])).toBe(true);
		expect(hub.idOf(webhook({ 'x-signature': hex }, body).header, nowMs)).toBeUndefined();
		expect(hub.idOf(webhook({ 'x-signature': `sha256=${hex}` }, body).header, nowMs)).toBeNull();
		expect(hub.hints(webhook({}, body))).toEqual([{ id: 'R1' }]);
	});
});
