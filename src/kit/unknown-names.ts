import type { RestSettings } from '#src/engine/connectors/rest/settings.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entities, entityNamed } from '#src/entities/registry.ts';
import { nearestName } from './nearest-name.ts';

/** Something about a place of a description, such as `entities.product.fields.0.name`. */
export type Remark = { path: string; message: string };

/** Entities of a description that nothing here is called: they would never be synced. */
export function unknownEntities(settings: RestSettings): Remark[] {
	const known = entities.map(({ name }) => name);
	return Object.keys(settings.entities)
		.filter((name) => !entityNamed(name))
		.map((name) => ({
			path: `entities.${name}`,
			message: `there is no entity "${name}"${meant(name, known)} There are ${known.join(', ')}`
		}));
}

/** Fields of a description that nothing would be done with, unless an administrator added one of that name. */
export function unknownFields(settings: RestSettings): Remark[] {
	return Object.entries(settings.entities).flatMap(([name, { fields }]) => {
		const entity = entityNamed(name);
		if (!entity) return [];
		return fields.flatMap((field, index) => {
			const message = remarkOn(entity, field.name);
			return message === null ? [] : [{ path: `entities.${name}.fields.${index}.name`, message }];
		});
	});
}

function remarkOn(entity: Entity, name: string): string | null {
	const shared = entity.fields.filter(({ ownOnly }) => !ownOnly).map((field) => field.name);
	if (shared.includes(name)) return null;
	if (entity.fields.some((field) => field.name === name)) {
		return `"${name}" of ${entity.name} is of no channel's concern: it is neither compared nor sent`;
	}
	const own = entity.store.including ? ' A field of your own must have been added in the workplace first' : '';
	return `${entity.name} has no field "${name}"${meant(name, shared)}${own}`;
}

function meant(name: string, known: readonly string[]): string {
	const near = nearestName(name, known);
	return near === undefined ? '.' : `; did you mean "${near}"?`;
}
