import { z } from 'zod';

const header = z.string().regex(/^[\w-]{1,100}$/, 'is no header name');

/** How the channel signs its webhooks where that is not as Standard Webhooks prescribe: an HMAC-SHA256 of the body. */
export const webhook = z.strictObject({
	signatureHeader: header,
	encoding: z.enum(['base64', 'hex']).default('base64'),
	/** What stands before the signature: sha256= */
	prefix: z.string().max(20).optional(),
	/** Header with the id of the webhook: one that comes again does nothing. */
	idHeader: header.optional(),
	/** Header that says what happened: product.updated */
	topicHeader: header.optional(),
	/** Our entities by topic, or by its beginning. */
	topics: z.record(z.string().min(1).max(100), z.string().min(1).max(80)).optional(),
	/** Where the body has the id of the record. */
	idPath: z.string().min(1).max(200).default('id')
});
