import { error } from '@sveltejs/kit';
import { can, type Role } from '#src/auth/roles.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entities, entityNamed } from '#src/entities/registry.ts';
import type { FieldInfo } from '#src/lib/components/field-info.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entityIn } from '#src/mappings/entities-now.ts';

/** The entity an address names, with all its fields; throws the 404 page for an unknown one. */
export async function entityOr404({ db }: Pick<App.Locals, 'db'>, name: string): Promise<Entity> {
	const entity = await entityIn(db, name);
	if (!entity) error(404, { message: m.entity_unknown({ name }), hint: m.error_not_found_hint() });
	return entity;
}

/** The entity a list is asked for (`?entity=`); the first one where none or an unknown one is named. */
export function entityOrFirst(name: string | null): Entity {
	const entity = entityNamed(name ?? '') ?? entities[0];
	if (!entity) throw new Error('the registry of entities is empty');
	return entity;
}

/** Name and labels of an entity, for pages. */
export function entityHead({ name, label }: Entity) {
	return { name, label };
}

/** Whether a person may add a record of ours, or it comes from a channel or another application. */
export function isMadeHere({ comesFrom, source }: Entity): boolean {
	return comesFrom !== 'channel' && (source?.creates ?? true);
}

/** Entities as choices of a list. */
export function entityChoices() {
	return entities.map(({ name, label }) => ({ name, label: label.many }));
}

/** What pages need to know of an entity's fields. */
export function fieldInfo({ fields }: Entity): FieldInfo[] {
	return fields.map(({ name, label, type }) => ({ name, label, type }));
}

/** Label of each field, by name. */
export function fieldLabels({ fields }: Entity): Record<string, string> {
	return Object.fromEntries(fields.map(({ name, label }) => [name, label]));
}

/** Label of the search key: "SKU". */
export function codeLabel({ fields }: Entity): string {
	return fields.find(({ name }) => name === 'value')?.label ?? 'value';
}

/** What this person may do, so that pages show no button that would be refused. */
export function rightsOf(user: { role: Role } | null) {
	const may = (action: Parameters<typeof can>[1]) => user !== null && can(user.role, action);
	return { link: may('link'), edit: may('edit-record'), resolve: may('resolve'), run: may('run') };
}
