import { getTableColumns } from 'drizzle-orm';
import type { Entity, EntityField } from './entity.ts';

/** A field that an administrator added to an entity. */
export type CustomField = {
	name: string;
	label: string;
	type: 'text' | 'decimal' | 'boolean';
	/** Of texts. */
	maxLength: number | null;
	/** Digits after the point, of decimals. */
	scale: number | null;
};

export const customFieldTypes = ['text', 'decimal', 'boolean'] as const satisfies readonly CustomField['type'][];

/** So many of them an entity may have at a time. */
export const customFieldsAtMost = 50;

/** What names of forms and addresses mean already. */
const reserved = new Set(['was', 'preview']);

/** The entity with these fields behind its own; itself where there are none, or where its store takes none. */
export function withCustomFields(entity: Entity, custom: readonly CustomField[]): Entity {
	if (custom.length === 0 || !entity.store.including) return entity;
	const more = custom.map(entityField);
	return { ...entity, fields: [...entity.fields, ...more], store: entity.store.including(more) };
}

function entityField({ name, label, type, maxLength, scale }: CustomField): EntityField {
	return {
		name,
		label,
		type,
		attribute: true,
		...(type === 'text' && maxLength !== null && { maxLength }),
		...(type === 'decimal' && scale !== null && { scale })
	};
}

/** Whether a custom field cannot have this name: a field or column of the entity has it, or every object of JavaScript. */
export function isReservedName(entity: Entity, name: string): boolean {
	const columns = Object.values(getTableColumns(entity.record)).map((column) => column.name);
	return (
		reserved.has(name) || name in {} || columns.includes(name) || entity.fields.some((field) => field.name === name)
	);
}

/** A name for a field of this label: "Colour (RAL)" becomes `colour_ral`. Empty where nothing of it can be used. */
export function nameForLabel(label: string): string {
	const ascii = label.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
	return ascii
		.replace(/[^a-z0-9]+/g, '_')
		.replace(/^[^a-z]+|_+$/g, '')
		.slice(0, 60);
}
