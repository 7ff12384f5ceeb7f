import { createHmac, timingSafeEqual } from 'node:crypto';
import { JsonNumber, parseJson } from './parse-json.ts';

/** One request as it came in. */
export type Webhook = {
	/** By name in any case; null where it is missing. */
	header(name: string): string | null;
	body: Uint8Array;
};

/** What a webhook says changed: a record, or (without an id) something of the entity; without an entity: something. */
export type WebhookHint = { entity?: string; id?: string; variantId?: string };

/** How a kind of system signs its webhooks, and how to read from them which records to look at. Pure. */
export type WebhookScheme = {
	/**
	 * From the headers alone, before the body is read: the sender's id of this webhook, null where it has none. Undefined =
	 * not signed at all, or older than may be.
	 */
	idOf(header: Webhook['header'], nowMs: number): string | null | undefined;
	/** Whether one of the secrets signed it. Takes the same time wherever it differs. */
	isSigned(webhook: Webhook, secrets: readonly string[]): boolean;
	/** Never a value: only what to look at. A body that cannot be read says that something changed. */
	hints(webhook: Webhook): readonly WebhookHint[];
};

const something: readonly WebhookHint[] = [{}];
const toleranceSeconds = 300;
const standardSecret = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const idLength = 500;
const idsAtMost = 1000;

/**
 * Standard Webhooks (standardwebhooks.com): `webhook-id`, `webhook-timestamp` within five minutes, `webhook-signature` with
 * one or more `v1,` signatures. The body names records as `{ "type": "product.updated", "data": { "id": "12" } }`, or
 * several as `data.ids`; the type starts with the entity.
 */
export const standardWebhooks: WebhookScheme = {
	idOf(header, nowMs) {
		const id = header('webhook-id');
		const timestamp = header('webhook-timestamp') ?? '';
		if (!id || !header('webhook-signature') || !/^\d{1,12}$/.test(timestamp)) return undefined;
		return Math.abs(nowMs / 1000 - Number(timestamp)) <= toleranceSeconds ? id : undefined;
	},
	isSigned({ header, body }, secrets) {
		const head = Buffer.from(`${header('webhook-id')}.${header('webhook-timestamp')}.`, 'latin1');
		const signed = Buffer.concat([head, body]);
		const given = (header('webhook-signature') ?? '').split(' ').slice(0, 20);
		const signatures = given.filter((each) => each.startsWith('v1,')).map((each) => each.slice('v1,'.length));
		return anySigned(secrets.map(standardKey), signed, signatures, 'base64');
	},
	hints({ body }) {
		const data = readJson(body);
		const entity = textAt(data, 'type')?.split('.')[0];
		const about = entity ? { entity } : {};
		const ids = [textAt(data, 'data.id'), ...listAt(data, 'data.ids')].flatMap((id) => (isId(id) ? [id] : []));
		if (ids.length === 0 || ids.length > idsAtMost) return [about];
		const variantId = textAt(data, 'data.variantId');
		return ids.map((id) => ({ ...about, id, ...(isId(variantId) ? { variantId } : {}) }));
	}
};

/** A vendor's own scheme: an HMAC-SHA256 of the body in one header. */
export type HmacScheme = {
	signatureHeader: string;
	encoding: 'base64' | 'hex';
	/** What stands before the signature: `sha256=`. */
	prefix?: string | undefined;
	/** Header with the sender's id of the webhook. */
	idHeader?: string | undefined;
	/** Header that says what happened. */
	topicHeader?: string | undefined;
	/** Entities by topic, or by its beginning: `{ "product": "product" }` covers `product.updated` and `product/create`. */
	topics?: Readonly<Record<string, string>> | undefined;
	/** Where the body has the id of the record: `data.id`. */
	idPath?: string | undefined;
};

/** A scheme of one signature header, as Shopify, WooCommerce and many others have it. */
export function hmacWebhooks(scheme: HmacScheme): WebhookScheme {
	const { signatureHeader, encoding, prefix = '', idHeader, topicHeader, topics = {}, idPath = 'id' } = scheme;
	return {
		idOf(header) {
			if (!header(signatureHeader)?.startsWith(prefix)) return undefined;
			return (idHeader === undefined ? null : header(idHeader)) || null;
		},
		isSigned({ header, body }, secrets) {
			const signature = (header(signatureHeader) ?? '').slice(prefix.length);
			const keys = secrets.map((secret) => Buffer.from(secret, 'utf8'));
			return anySigned(keys, body, [signature], encoding);
		},
		hints({ header, body }) {
			const topic = topicHeader === undefined ? '' : (header(topicHeader) ?? '');
			const beginning = Object.keys(topics).find((each) => topic === each || /^[./:_-]/.test(after(topic, each)));
			const entity = beginning === undefined ? undefined : topics[beginning];
			// A topic that is none of ours is about nothing that we carry.
			if (entity === undefined && topicHeader !== undefined) return Object.keys(topics).length > 0 ? [] : something;
			const id = textAt(readJson(body), idPath);
			return [{ ...(entity === undefined ? {} : { entity }), ...(isId(id) ? { id } : {}) }];
		}
	};
}

function after(topic: string, beginning: string): string {
	return topic.startsWith(beginning) ? topic.slice(beginning.length) : '';
}

function standardKey(secret: string): Buffer {
	const encoded = standardSecret.exec(secret)?.[1];
	return encoded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(encoded, 'base64');
}

function anySigned(
	keys: readonly Buffer[],
	signed: Uint8Array,
	signatures: readonly string[],
	encoding: 'base64' | 'hex'
): boolean {
	let any = false;
	for (const key of keys) {
		const expected = createHmac('sha256', key).update(signed).digest();
		for (const text of signatures) {
			const given = Buffer.from(text, encoding);
			if (given.length === expected.length && timingSafeEqual(given, expected)) any = true;
		}
	}
	return any;
}

function readJson(body: Uint8Array): unknown {
	try {
		return parseJson(Buffer.from(body).toString('utf8'), 'a webhook', { exactNumbers: true });
	} catch {
		return null;
	}
}

function at(value: unknown, path: string): unknown {
	return path.split('.').reduce((inner: unknown, name) => {
		if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, name)) return undefined;
		return (inner as Record<string, unknown>)[name];
	}, value);
}

function textOf(value: unknown): string | undefined {
	if (value instanceof JsonNumber) return value.text;
	return typeof value === 'string' ? value : undefined;
}

function textAt(value: unknown, path: string): string | undefined {
	return textOf(at(value, path));
}

function listAt(value: unknown, path: string): (string | undefined)[] {
	const list = at(value, path);
	return Array.isArray(list) ? list.slice(0, idsAtMost + 1).map(textOf) : [];
}

function isId(id: string | undefined): id is string {
	return id !== undefined && id !== '' && id.length <= idLength && !id.includes('\0');
}
