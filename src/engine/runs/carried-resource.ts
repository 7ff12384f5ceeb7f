import { createHash } from 'node:crypto';
import type { Entity } from '#src/entities/entity.ts';
import type { Resource } from '../connectors/connector.ts';
import { shapedResource } from './shaped-resource.ts';

/**
 * What the channel offers, as the entity sees it, custom fields with the type that they have here.
 * With other custom fields it is another field table, so that links are compared anew by it.
 */
export function carriedResource(entity: Entity, offered: Resource): Resource {
	const resource = shapedResource(entity, offered);
	const custom = new Map(entity.fields.flatMap(({ name, type, attribute }) => (attribute ? [[name, type]] : [])));
	const carried = resource.fields.filter(({ name }) => custom.has(name));
	if (carried.length === 0) return resource;
	const table = JSON.stringify(carried.map(({ name }) => [name, custom.get(name)]).sort());
	const hash = createHash('sha256').update(table).digest('hex').slice(0, 16);
	const fields = resource.fields.map((codec) => {
		const type = codec.type === 'reference' ? undefined : custom.get(codec.name);
		return type === undefined || type === codec.type ? codec : { ...codec, type };
	});
	return {
		...resource,
		get capabilities() {
			return resource.capabilities;
		},
		fields,
		fingerprint: `${resource.fingerprint}+${hash}`
	};
}
