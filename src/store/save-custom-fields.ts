import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { customFieldsAtMost, isReservedName, type CustomField } from '#src/entities/custom-fields.ts';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import { refusal, type Refusal } from './refusal.ts';
import { unknownEntity } from './refusals.ts';
import { retrying } from './transaction.ts';

export type AddCustomFieldInput = Person & CustomField & { entity: string };
export type RenameCustomFieldInput = Person & { entity: string; name: string; label: string };
export type CustomFieldInput = Person & { entity: string; name: string };
export type CustomFieldResult = { ok: true } | Refusal;

/** A field of an entity as these verbs look at it. */
export type KnownField = Pick<CustomField, 'name' | 'label'> & { removed: boolean };
type Row = KnownField & { position: number };

/** Adds a field to an entity: the next run of each channel that has it compares it for the first time, by its rule for that. */
export async function addCustomField(db: Db, input: AddCustomFieldInput): Promise<CustomFieldResult> {
	return changing(db, input.entity, async (tx, entity, rows) => {
		const wrong = refusedField(entity, rows, input);
		if (wrong) return wrong;
		const { name, label, type, maxLength, scale } = input;
		const position = Math.max(0, ...rows.map((row) => row.position)) + 1;
		await tx.execute(sql`
			insert into sync_custom_field (entity, name, label, type, max_length, scale, position, created_by)
			values (${entity.name}, ${name}, ${label}, ${type}, ${maxLength}::int, ${scale}::int, ${position}, ${input.actor.name})`);
		await writeDown(tx, input, 'add-field', { label, type, maxLength, scale });
		return { ok: true };
	});
}

/** Gives a field another label; its name stays. */
export async function renameCustomField(db: Db, input: RenameCustomFieldInput): Promise<CustomFieldResult> {
	return changing(db, input.entity, async (tx, entity, rows) => {
		const { name, label } = input;
		const field = rows.find((row) => row.name === name && !row.removed);
		if (!field) return noSuchField();
		if (isLabelTaken(entity, rows, { name, label })) return labelTaken(label);
		if (label === field.label) return { ok: true };
		await tx.execute(
			sql`update sync_custom_field set label = ${label} where entity = ${entity.name} and name = ${name}`
		);
		await writeDown(tx, input, 'rename-field', { before: field.label, label });
		return { ok: true };
	});
}

/** Ends a field: nothing compares or shows it any more. Its values stay with the records. */
export async function removeCustomField(db: Db, input: CustomFieldInput): Promise<CustomFieldResult> {
	return changing(db, input.entity, async (tx, entity, rows) => {
		const field = rows.find(({ name, removed }) => name === input.name && !removed);
		if (!field) return noSuchField();
		await tx.execute(sql`
			update sync_custom_field set removed_at = now(), changed_at = now() where entity = ${entity.name} and name = ${field.name}`);
		await writeDown(tx, input, 'remove-field', { label: field.label });
		return { ok: true };
	});
}

/** Takes a removed field in again, with the values that its records had; what was agreed on before still counts. */
export async function putBackCustomField(db: Db, input: CustomFieldInput): Promise<CustomFieldResult> {
	return changing(db, input.entity, async (tx, entity, rows) => {
		const field = rows.find(({ name, removed }) => name === input.name && removed);
		if (!field) return noSuchField();
		const wrong = refusedReturn(entity, rows, field);
		if (wrong) return wrong;
		await tx.execute(sql`
			update sync_custom_field set removed_at = null, changed_at = now() where entity = ${entity.name} and name = ${field.name}`);
		await writeDown(tx, input, 'put-back-field', { label: field.label });
		return { ok: true };
	});
}

/** Why a field cannot be added to the entity, which has had these; null where it can. */
export function refusedField(
	entity: Entity,
	known: readonly KnownField[],
	{ name, label }: Pick<CustomField, 'name' | 'label'>
): Refusal | null {
	if (!entity.store.including) return takesNone(entity);
	if (isReservedName(entity, name)) return nameReserved(name);
	const namesake = known.find((field) => field.name === name);
	if (namesake) return namesake.removed ? wasRemoved(namesake) : nameTaken(name);
	if (isLabelTaken(entity, known, { name, label })) return labelTaken(label);
	return hasRoom(known) ? null : tooMany(entity);
}

/** Why a removed field cannot come back; null where it can. */
export function refusedReturn(entity: Entity, known: readonly KnownField[], field: KnownField): Refusal | null {
	if (isLabelTaken(entity, known, field)) return labelTaken(field.label);
	return hasRoom(known) ? null : tooMany(entity);
}

/** Whether another field of the entity is called so on screen. */
export function isLabelTaken(
	entity: Entity,
	known: readonly KnownField[],
	{ name, label }: Pick<CustomField, 'name' | 'label'>
): boolean {
	const others = [...entity.fields, ...known.filter(({ removed }) => !removed)];
	return others.some((field) => field.name !== name && field.label.toLowerCase() === label.toLowerCase());
}

function hasRoom(known: readonly KnownField[]): boolean {
	return known.filter(({ removed }) => !removed).length < customFieldsAtMost;
}

/** The entity has no such field, or not any more, or has it still. */
export function noSuchField(): Refusal {
	return refusal('stale', 'Somebody changed these fields while you were looking.', 'Look at the list again.');
}

/** Another field of the entity has this label. */
export function labelTaken(label: string): Refusal {
	return refusal('invalid', `There is a field called ${label} already.`, 'Choose another label.', { field: 'label' });
}

function takesNone(entity: Entity): Refusal {
	const message = `${entity.label.many} take no fields of your own.`;
	return refusal('invalid', message, 'Choose another kind of record.', { field: 'entity' });
}

function nameReserved(name: string): Refusal {
	const message = `"${name}" has a meaning of its own here.`;
	return refusal('invalid', message, 'Choose another name.', { field: 'name' });
}

function nameTaken(name: string): Refusal {
	return refusal('invalid', `There is a field named "${name}" already.`, 'Choose another name.', { field: 'name' });
}

function wasRemoved({ name, label }: KnownField): Refusal {
	const message = `A field named "${name}" was removed; its values are still there.`;
	return refusal('invalid', message, `Put ${label} back, or choose another name.`, { field: 'name' });
}

function tooMany(entity: Entity): Refusal {
	const message = `${entity.label.many} have ${customFieldsAtMost} fields of your own already.`;
	return refusal('invalid', message, 'Remove one that is not needed any more.', { field: 'name' });
}

/** Runs `work` with what the entity has had of custom fields; nobody else changes them meanwhile. */
async function changing(
	db: Db,
	entityName: string,
	work: (tx: Transaction, entity: Entity, rows: readonly Row[]) => Promise<CustomFieldResult>
): Promise<CustomFieldResult> {
	const entity = entityNamed(entityName);
	if (!entity) return unknownEntity(entityName, { field: 'entity' });
	return retrying(db, async (tx) => {
		await tx.execute(sql`lock table sync_custom_field in share row exclusive mode`);
		const rows = await tx.execute<Row>(sql`
			select name, label, position, removed_at is not null as removed from sync_custom_field where entity = ${entity.name} order by id`);
		return work(tx, entity, rows);
	});
}

async function writeDown(
	tx: Transaction,
	input: Person & { entity: string; name: string },
	action: string,
	detail: Record<string, unknown>
): Promise<void> {
	await writeAudit(tx, input, { action, object: `field/${input.entity}/${input.name}`, channelId: null, detail });
}
