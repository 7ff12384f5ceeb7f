import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { Person } from '../person.ts';
import { unknownEntity } from '../refusals.ts';
import {
	isLabelTaken,
	labelTaken,
	noSuchField,
	refusedField,
	refusedReturn,
	type AddCustomFieldInput,
	type CustomFieldInput,
	type CustomFieldResult,
	type KnownField,
	type RenameCustomFieldInput
} from '../save-custom-fields.ts';
import { writeAudit } from './person-journal.ts';
import type { CustomFieldRow } from './sync-tables.ts';
import { inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';

type Known = KnownField & { row: CustomFieldRow };

/** `addCustomField` in memory. */
export function addCustomField(tables: Tables, input: AddCustomFieldInput): CustomFieldResult {
	return changing(tables, input.entity, (entity, known) => {
		const wrong = refusedField(entity, known, input);
		if (wrong) return wrong;
		const { name, label, type, maxLength, scale } = input;
		const now = tables.now();
		tables.customFields.insert({
			id: tables.customFields.nextId(),
			entity: entity.name,
			name,
			label,
			type,
			maxLength,
			scale,
			position: Math.max(0, ...known.map(({ row }) => row.position)) + 1,
			createdBy: input.actor.name,
			createdAt: now,
			changedAt: now,
			removedAt: null
		});
		writeDown(tables, input, 'add-field', { label, type, maxLength, scale });
		return { ok: true };
	});
}

/** `renameCustomField` in memory. */
export function renameCustomField(tables: Tables, input: RenameCustomFieldInput): CustomFieldResult {
	return changing(tables, input.entity, (entity, known) => {
		const { name, label } = input;
		const field = known.find((each) => each.name === name && !each.removed);
		if (!field) return noSuchField();
		if (isLabelTaken(entity, known, { name, label })) return labelTaken(label);
		if (label === field.label) return { ok: true };
		tables.customFields.replace(field.row, { ...field.row, label });
		writeDown(tables, input, 'rename-field', { before: field.label, label });
		return { ok: true };
	});
}

/** `removeCustomField` in memory. */
export function removeCustomField(tables: Tables, input: CustomFieldInput): CustomFieldResult {
	return changing(tables, input.entity, (_entity, known) => {
		const field = known.find(({ name, removed }) => name === input.name && !removed);
		if (!field) return noSuchField();
		const now = tables.now();
		tables.customFields.replace(field.row, { ...field.row, removedAt: now, changedAt: now });
		writeDown(tables, input, 'remove-field', { label: field.label });
		return { ok: true };
	});
}

/** `putBackCustomField` in memory. */
export function putBackCustomField(tables: Tables, input: CustomFieldInput): CustomFieldResult {
	return changing(tables, input.entity, (entity, known) => {
		const field = known.find(({ name, removed }) => name === input.name && removed);
		if (!field) return noSuchField();
		const wrong = refusedReturn(entity, known, field);
		if (wrong) return wrong;
		tables.customFields.replace(field.row, { ...field.row, removedAt: null, changedAt: tables.now() });
		writeDown(tables, input, 'put-back-field', { label: field.label });
		return { ok: true };
	});
}

function changing(
	tables: Tables,
	entityName: string,
	work: (entity: Entity, known: readonly Known[]) => CustomFieldResult
): CustomFieldResult {
	const entity = entityNamed(entityName);
	if (!entity) return unknownEntity(entityName, { field: 'entity' });
	const rows = inIdOrder(tables.customFields.all()).filter((row) => row.entity === entity.name);
	const known = rows.map((row) => ({ name: row.name, label: row.label, removed: row.removedAt !== null, row }));
	return work(entity, known);
}

function writeDown(
	tables: Tables,
	input: Person & { entity: string; name: string },
	action: string,
	detail: Record<string, unknown>
): void {
	writeAudit(tables, input, { action, object: `field/${input.entity}/${input.name}`, channelId: null, detail });
}
