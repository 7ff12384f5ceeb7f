import { z } from 'zod';
import { lineOfPath } from '#src/engine/connectors/rest/json-lines.ts';
import type { Entity, EntityField } from '#src/entities/entity.ts';
import type { SourceDescriptor, SourceField } from '#src/entities/record-source.ts';
import { entities } from '#src/entities/registry.ts';
import { SourceError } from './source-error.ts';

const twoNames = /^[A-Za-z_][A-Za-z0-9_$]{0,62}\.[A-Za-z_][A-Za-z0-9_$]{0,62}$/;
const column = z
	.string()
	.min(1)
	.max(63, 'a name has at most 63 characters')
	.refine((name) => !name.includes('\0'), 'no name of a column');
const path = z
	.string()
	.regex(twoNames, { error: 'name schema and object, such as "host.articles"' })
	.transform((text) => {
		const [schema = '', name = ''] = text.split('.');
		return { schema, name };
	});
const atom = z.union([z.string(), z.number().int(), z.boolean(), z.null()], {
	error: 'a text, a whole number, true, false or null'
});

const field = z.union(
	[
		column.transform((name) => ({ column: name, write: true })),
		z.strictObject({ column, write: z.boolean().default(true) }),
		z.strictObject({ constant: z.union([z.string(), z.boolean()]) })
	],
	{ error: 'name a column, or { "column": NAME, "write": false }, or { "constant": VALUE }' }
);

const version = z.union(
	[
		z.literal('xmin').transform(() => ({ kind: 'xmin' as const })),
		z.literal('content').transform(() => ({ kind: 'content' as const })),
		z.strictObject({ rev: column }).transform(({ rev }) => ({ kind: 'rev' as const, column: rev }))
	],
	{ error: 'must be "xmin", "content" or { "rev": COLUMN }' }
);

const write = z.union(
	[
		z.enum(['columns', 'none']).transform((kind) => ({ kind })),
		z.strictObject({ function: path }).transform((given) => ({ kind: 'function' as const, ...given.function }))
	],
	{ error: 'must be "columns", "none" or { "function": "SCHEMA.NAME" }' }
);

const condition = z.strictObject({
	column,
	is: z.union([atom.transform((one) => [one]), z.array(atom).min(1)], { error: 'a value, or a list of values' })
});

/** The form of a descriptor's file. */
export const descriptorFile = z.strictObject({
	$schema: z.string().optional(),
	entity: z.string().refine((name) => entities.some((entity) => entity.name === name), {
		error: `must be one of ${entities.map(({ name }) => name).join(', ')}`
	}),
	relation: path,
	key: column,
	fields: z.record(z.string(), field),
	scope: z.array(condition).default([]),
	version,
	write,
	changes: z.enum(['triggers', 'sweep'], { error: 'must be "triggers" or "sweep"' }).default('triggers'),
	updatedAt: column.nullable().default(null)
});

/** Reads a descriptor from the text of its file. @throws SourceError with a line for each mistake, naming line and field */
export function parseDescriptor(text: string, fileName: string): SourceDescriptor {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new SourceError(`${fileName} is not valid JSON: ${error instanceof Error ? error.message : ''}`);
	}
	const at = (path: readonly PropertyKey[], message: string) => {
		const place = path.join('.');
		return `${fileName}:${lineOfPath(text, place) ?? 1}: ${place === '' ? '' : `${place}: `}${message}`;
	};
	const parsed = descriptorFile.safeParse(json);
	if (!parsed.success)
		throw new SourceError(parsed.error.issues.map(({ path, message }) => at(path, message)).join('\n'));
	const { scope, $schema: _, ...rest } = parsed.data;
	const descriptor = { ...rest, scope: scope.map(({ column, is }) => ({ column, in: is })) };
	const mistakes = mistakesIn(descriptor);
	if (mistakes.length > 0) throw new SourceError(mistakes.map(([path, message]) => at(path, message)).join('\n'));
	return descriptor;
}

/** The entity of a descriptor. */
export function entityOf(descriptor: SourceDescriptor): Entity {
	const entity = entities.find(({ name }) => name === descriptor.entity);
	if (!entity) throw new SourceError(`there is no entity ${descriptor.entity}`);
	return entity;
}

type Mistake = [path: string[], message: string];

function mistakesIn(descriptor: SourceDescriptor): Mistake[] {
	const entity = entityOf(descriptor);
	// Prices and stock levels are told apart by other records of ours, orders begin in channels.
	if (entity.keyFields || entity.comesFrom || entity.store.over === undefined)
		return [[['entity'], `${entity.label.many} cannot be kept elsewhere`]];
	const known = new Map(entity.fields.map((one) => [one.name, one]));
	return [
		...entity.fields
			.filter(({ name, required }) => required && !(name in descriptor.fields))
			.map(({ name }): Mistake => [['fields'], `${name} is missing: every record has one`]),
		...Object.entries(descriptor.fields).flatMap(([name, given]) => mistakesOfField(known.get(name), name, given))
	];
}

function mistakesOfField(known: EntityField | undefined, name: string, given: SourceField): Mistake[] {
	if (!known) return [[['fields', name], 'there is no such field']];
	if ('column' in given) return [];
	if (known.required) return [[['fields', name], 'tells records apart: it needs a column']];
	const fits =
		known.type === 'boolean'
			? typeof given.constant === 'boolean'
			: known.type === 'decimal'
				? typeof given.constant === 'string' && /^-?\d+(\.\d+)?$/.test(given.constant)
				: known.type === 'text' && typeof given.constant === 'string';
	return fits ? [] : [[['fields', name, 'constant'], `is no ${known.type}`]];
}
