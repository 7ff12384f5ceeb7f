import { z } from '@hono/zod-openapi';
import { entityNamed } from '#src/entities/registry.ts';
import type { Entity } from '#src/entities/entity.ts';
import { notFound } from './problem.ts';

/** An id of ours. */
export const idSchema = z
	.string()
	.regex(/^[1-9]\d{0,17}$/, 'must be an id, such as "12"')
	.openapi({ example: '12' });

/** An id or code of a channel, opaque to us. */
export const externalIdSchema = z
	.string()
	.min(1, 'must not be empty')
	.max(500)
	.refine((text) => !text.includes('\0'), 'must not contain a null character');

export const idParams = z.strictObject({ id: idSchema });
export const entityParams = z.strictObject({ entity: z.string().openapi({ example: 'product' }) });
export const entityIdParams = z.strictObject({ entity: z.string().openapi({ example: 'product' }), id: idSchema });

/** Place in a list and rows of a page. */
export const pageQuery = {
	after: z.string().max(4000).optional().openapi({ description: '`next` of the page before.' }),
	limit: z
		.string()
		.regex(/^\d{1,3}$/, 'must be a number from 1 to 200')
		.transform(Number)
		.pipe(z.number().min(1).max(200))
		.optional()
		.openapi({ type: 'integer', minimum: 1, maximum: 200, description: '50 if not given.' })
};

/** One page of a list. */
export function pageOf<Schema extends z.ZodType>(items: Schema) {
	return z.object({
		items: z.array(items),
		next: z.string().nullable().openapi({ description: 'For `after`; null on the last page.' })
	});
}

/** A JSON answer or body. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
	return { description, content: { 'application/json': { schema } } };
}

/** A JSON body that must be there. */
export function body<Schema extends z.ZodType>(schema: Schema) {
	return { required: true as const, content: { 'application/json': { schema } } };
}

/** A value whose exact shape is a type of the product, described to programs in words. */
export function shaped<T>(description: string) {
	return z.custom<T>(() => true).openapi({ type: 'object', description });
}

/** The entity of that name. @throws ProblemError 404 */
export function entityOf(name: string): Entity {
	const entity = entityNamed(name);
	if (!entity) throw notFound('unknown-entity', `There is no entity "${name}".`, 'Check the spelling.');
	return entity;
}
