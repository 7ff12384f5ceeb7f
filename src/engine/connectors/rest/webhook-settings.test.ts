import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { erpSettings } from '#src/demo/channels.ts';
import { rest } from './index.ts';

const settings = erpSettings('http://127.0.0.1:1');
const webhook = {
	signatureHeader: 'X-WC-Webhook-Signature',
	topicHeader: 'X-WC-Webhook-Topic',
	topics: { product: 'product' }
};

it('webhooks are signed as the description says', () => {
	const scheme = rest.webhook?.({ ...settings, webhook });
	const body = Buffer.from('{"id":12,"price":"1"}');
	const signature = createHmac('sha256', 'k').update(body).digest('base64');
	const headers: Record<string, string> = {
		'X-WC-Webhook-Signature': signature,
		'X-WC-Webhook-Topic': 'product.updated'
	};
	const sent = { header: (name: string) => headers[name] ?? null, body };
	expect(scheme?.isSigned(sent, ['k'])).toBe(true);
	expect(scheme?.hints(sent)).toEqual([{ entity: 'product', id: '12' }]);
	expect(rest.webhook?.(settings)).toBeNull();
	expect(rest.check({ ...settings, webhook: { signatureHeader: 'no header' } })).toMatchObject([
		{ path: 'webhook.signatureHeader' }
	]);
});

it('a text field may have its values in a value table', () => {
	const product = settings.entities['product'];
	const fields = product?.fields.map((field) => (field.name === 'currency' ? { ...field, table: 'money' } : field));
	const described = { ...settings, entities: { product: { ...product, fields } } };
	const session = rest.open({
		settings: described,
		credentials: { key: 'k' },
		transport: () => Promise.reject(new Error('no network')),
		nowMs: () => 0
	});
	const found = session.resource('product')?.fields.filter(({ table }) => table !== undefined);
	expect(found).toMatchObject([{ name: 'currency', table: 'money' }]);
});
