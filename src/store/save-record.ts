import type { Db } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import { canonical, type Fields } from '#src/sync/fields.ts';
import { entityIn } from './custom-fields.ts';
import { writeAudit, writeJournal } from './journal.ts';
import type { Person } from './person.ts';
import { isUniqueViolation } from './postgres-error.ts';
import type { Refusal } from './refusal.ts';
import { codeTaken, comesFromChannels, nothingToSave, savedMeanwhile, unknownEntity } from './refusals.ts';
import { keptElsewhere, madeElsewhere, refusedThere } from './source-refusals.ts';
import { retrying } from './transaction.ts';

export type SaveRecordInput = Person & {
	entity: string;
	id: string;
	/** The revision that was on the screen. */
	rev: string;
	/** Fields to set; others stay. */
	fields: Fields;
};
export type SaveRecordResult = { ok: true; id: string; rev: string } | Refusal;

/** Changes fields of one of our records, if nobody changed it since; the next runs carry it to the channels. */
export async function saveRecord(db: Db, input: SaveRecordInput): Promise<SaveRecordResult> {
	const entity = await entityIn(db, input.entity);
	if (!entity) return unknownEntity(input.entity);
	return uniqueCode(entity, () =>
		retrying(db, async (tx) => {
			const [record] = await entity.store.read(tx, [input.id]);
			if (!record) return nothingToSave();
			if (record.rev !== input.rev) return savedMeanwhile();
			const changes = editsOf(entity, record, input.fields);
			if (changes.length === 0) return { ok: true, id: record.id, rev: record.rev };
			const fields = Object.fromEntries(changes.map(({ field, after }) => [field, after]));
			const refused = keptElsewhere(entity, Object.keys(fields));
			if (refused) return refused;
			const written = await entity.store.compareAndSet(tx, [{ id: record.id, rev: record.rev, fields, changed: {} }]);
			const rev = written.get(record.id);
			if (rev === undefined) return savedMeanwhile();
			await writeDown(tx, input, { entity, id: record.id, action: 'edit', changes });
			return { ok: true, id: record.id, rev };
		})
	);
}

/** What a person's values change in a record. */
export function editsOf(entity: Entity, record: InternalRecord, given: Fields): DecisionChange[] {
	return entity.fields.flatMap(({ name, type }): DecisionChange[] => {
		const [before, after] = [record.fields[name] ?? null, given[name]];
		const same = before === after || (type === 'decimal' && canonical(type, before) === canonical(type, after ?? null));
		if (after === undefined || same) return [];
		return [{ field: name, side: 'internal', before, after, rule: 'person' }];
	});
}

/** Every value of a new record, as changes. */
export function firstValuesOf(entity: Entity, record: InternalRecord): DecisionChange[] {
	return entity.fields.flatMap(({ name }): DecisionChange[] => {
		const after = record.fields[name] ?? null;
		return after === null ? [] : [{ field: name, side: 'internal', before: null, after, rule: 'person' }];
	});
}

export type CreateRecordInput = Person & { entity: string; fields: Fields };
export type CreateRecordResult = { ok: true; id: string; rev: string } | Refusal;

/** Adds a record of ours. */
export async function createRecord(db: Db, input: CreateRecordInput): Promise<CreateRecordResult> {
	const entity = await entityIn(db, input.entity);
	if (!entity) return unknownEntity(input.entity);
	const refused = entity.comesFrom === 'channel' ? comesFromChannels(entity) : madeElsewhere(entity);
	if (refused) return refused;
	return uniqueCode(entity, () =>
		retrying(db, async (tx) => {
			const record = await entity.store.insert(tx, input.fields, {});
			const changes = firstValuesOf(entity, record);
			await writeDown(tx, input, { entity, id: record.id, action: 'create-record', changes });
			return { ok: true, id: record.id, rev: record.rev };
		})
	);
}

async function uniqueCode<T>(entity: Entity, work: () => Promise<T | Refusal>): Promise<T | Refusal> {
	try {
		return await work();
	} catch (error) {
		if (isUniqueViolation(error)) return codeTaken(entity);
		const refused = refusedThere(entity, error);
		if (refused) return refused;
		throw error;
	}
}

async function writeDown(
	tx: Parameters<typeof writeJournal>[0],
	person: Person,
	at: { entity: Entity; id: string; action: string; changes: readonly DecisionChange[] }
): Promise<void> {
	const about = { channelId: null, linkId: null, externalId: null, variantId: '' };
	await writeJournal(tx, person, {
		...about,
		entity: at.entity.name,
		internalId: at.id,
		action: at.action,
		changes: at.changes
	});
	const detail = { fields: at.changes.map(({ field }) => field) };
	await writeAudit(tx, person, { action: at.action, object: `${at.entity.name}/${at.id}`, channelId: null, detail });
}
