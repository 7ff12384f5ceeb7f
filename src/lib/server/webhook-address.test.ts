import { expect, test } from 'vitest';
import { webhookAddress } from './webhook-address.ts';

test.each([
	['http://127.0.0.1:3001', undefined, 'http://127.0.0.1:3001/v1/webhooks/7', true],
	['http://localhost:3001', undefined, 'http://localhost:3001/v1/webhooks/7', true],
	['http://[::1]:3001', undefined, 'http://[::1]:3001/v1/webhooks/7', true],
	['http://engine.internal:3001', undefined, 'http://engine.internal:3001/v1/webhooks/7', false],
	['http://127.0.0.1:3001', 'https://hooks.example.com', 'https://hooks.example.com/v1/webhooks/7', false]
])('an engine at %s, reached at %s, is told at %s', (ENGINE_URL, WEBHOOK_ORIGIN, url, local) => {
	expect(webhookAddress('7', { ENGINE_URL, WEBHOOK_ORIGIN })).toEqual({ url, local });
});
