import { createHash } from 'node:crypto';
import type { Entity } from '#src/entities/entity.ts';
import type { Value } from '#src/sync/fields.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { rewriteValue } from '#src/sync/rewriting.ts';
import type { FieldCodec, Resource } from '../connectors/connector.ts';
import { shapedResource } from './shaped-resource.ts';

/**
 * What the channel offers, as the entity sees it: custom fields with the type that they have here, and the normal form of
 * fields that the channel is known to rewrite. With other custom fields or rewritings, or where another
 * application keeps other fields, it is another field table, so that links are compared anew by it.
 */
export function carriedResource(entity: Entity, offered: Resource, policy: ChannelEntityPolicy): Resource {
	const resource = shapedResource(entity, offered);
	const custom = new Map(entity.fields.flatMap(({ name, type, attribute }) => (attribute ? [[name, type]] : [])));
	const table: unknown[] = entity.source ? [entity.source.fingerprint] : [];
	const fields = resource.fields.map((codec) => {
		const type = custom.get(codec.name);
		const typed = type === undefined || codec.type === 'reference' ? codec : { ...codec, type };
		// An id or a moment that is rewritten would be another one.
		const isPlain = typed.type === 'text' || typed.type === 'decimal';
		const rewriting = isPlain ? policy.fields[codec.name]?.rewriting : null;
		if (type !== undefined) table.push([codec.name, type]);
		if (rewriting) table.push([codec.name, rewriting]);
		return rewriting ? rewritten(typed, (value) => rewriteValue(rewriting, value)) : typed;
	});
	if (table.length === 0) return resource;
	const hash = createHash('sha256')
		.update(JSON.stringify(table.map((row) => JSON.stringify(row)).sort()))
		.digest('hex')
		.slice(0, 16);
	return {
		...resource,
		get capabilities() {
			return resource.capabilities;
		},
		fields,
		fingerprint: `${resource.fingerprint}+${hash}`
	};
}

function rewritten(codec: FieldCodec, rewrite: (value: Value) => Value): FieldCodec {
	return { ...codec, normal: (value) => rewrite(codec.normal(value)) };
}
