import type { PgTable } from 'drizzle-orm/pg-core';
import type { Transaction } from '#src/db/client.ts';
import type { Fields, FieldType } from '#src/sync/fields.ts';
import { isPointing } from '#src/sync/reference.ts';
import { defaultPolicy, defaultSchedule, type ChannelEntityPolicy, type Schedule } from '#src/sync/policy.ts';
import type { LinkProblem, MapNames, MapTable } from './map-table.ts';

/** One synced field of an entity: a column of its table. */
export type EntityField = {
	name: string;
	type: FieldType;
	label: string;
	required?: boolean;
	maxLength?: number;
	/** Of a reference, or of the products in a list of lines: the name of the entity whose record it points to. */
	to?: string;
	/** The column where it is not named like the field. */
	column?: string;
	/** Digits after the point, for decimals. */
	scale?: number;
	/**
	 * Worked out by the database and never written: the codes of the records that it points to, the name of the first of
	 * them, or a number less others.
	 */
	derived?: 'code' | 'name' | { from: string; less: readonly string[] };
	/** Of no channel's concern. */
	ownOnly?: true;
	/** Only ever sent, as it is at that moment, whatever the channel holds: never received and never in conflict. */
	latest?: true;
	/** A change of the channel's waits until a person confirms it; one of ours is never overwritten by the channel. */
	confirm?: true;
	/** Where it is empty, the database puts the value of this field there. */
	orElse?: string;
	/** What channels are told is never below this, unless one says that it takes less. */
	atLeast?: string;
	/** Another application keeps it, and we do not write it there. */
	keptElsewhere?: true;
	/** An administrator added it: its value is in `attributes` of the record, as text under its name. */
	attribute?: true;
};

/** One internal record as the engine sees it. */
export type InternalRecord = {
	id: string;
	/** Moves with every change, whoever writes. */
	rev: string;
	fields: Fields;
	/** When each field last changed (ISO UTC, microseconds); absent = not since the record came to be. */
	changed: Readonly<Record<string, string>>;
	createdAt: string;
	updatedAt: string;
};

/** A write to one internal record, guarded by the revision that was read. */
export type InternalWrite = {
	id: string;
	rev: string;
	fields: Fields;
	/** Source time per field of a pulled value; absent = now. */
	changed: Readonly<Record<string, string>>;
};

/** The only way to the internal side of an entity. Every method works inside the caller's transaction. */
export type EntityStore = {
	/** Records of these ids, in id order; missing ids are left out. At most 500. */
	read(tx: Transaction, ids: readonly string[]): Promise<InternalRecord[]>;
	/** Records in id order after `afterId` ('0' = from the start). */
	scan(tx: Transaction, afterId: string, limit: number): Promise<InternalRecord[]>;
	/** Writes those rows whose `rev` still holds, locked in id order; returns the new revision of each written id. */
	compareAndSet(tx: Transaction, writes: readonly InternalWrite[]): Promise<ReadonlyMap<string, string>>;
	/** Inserts one record; returns it. Throws the driver's unique violation when the code is taken. */
	insert(tx: Transaction, fields: Fields, changed: Readonly<Record<string, string>>): Promise<InternalRecord>;
	/** Ids of the records that point to one of these combinations of ours, in the order of `keyFields`; none without such. */
	findByReferences(tx: Transaction, keys: readonly (readonly string[])[]): Promise<string[]>;
	/**
	 * Puts a deleted record back under its id; returns it. `row` is JSON of its columns as the delete found them. Throws the
	 * driver's unique violation when the id or the code is taken.
	 */
	restore(tx: Transaction, row: string): Promise<InternalRecord>;
	/** Ids whose match key `field` has one of these codes, at most `limit` a code. */
	findByCode(
		tx: Transaction,
		field: string,
		codes: readonly string[]
	): Promise<{ id: string; code: string; fields: Fields }[]>;
	/** The same store over these fields too, which are attributes. Absent = the entity takes no custom fields. */
	including?(more: readonly EntityField[]): EntityStore;
	/** The same store over these fields only. Absent = another application cannot keep the records. */
	over?(fields: readonly EntityField[]): EntityStore;
};

/** What can be mapped: one folder and one registry line. */
export type Entity = {
	/** kebab-case, as in URLs and the API. */
	name: string;
	label: { one: string; many: string };
	/** Fields in the order of the screen; `value` is the search key and `name` the title in every entity. */
	fields: readonly EntityField[];
	/** Fields that identify a record across systems, strongest first. */
	matchKeys: readonly string[];
	/** References that identify a record together, here and at channels: the price of a product in a list. Absent = by codes. */
	keyFields?: readonly string[];
	/** Fields that a list of its records shows beside code and name. */
	listed?: readonly string[];
	/** Several records may have one code: it is their channels' own. */
	valueRepeats?: true;
	/** Its records come from channels and are never created there. */
	comesFrom?: 'channel';
	/** The field that tells when a record began. What began before its channel went live with receiving takes no part. */
	began?: string;
	/** Why no record of ours may be made of these values of a channel's, for an operator; null where it may. */
	objection?: (fields: Fields) => LinkProblem | null;
	/** How it starts at a channel, where not as most do. */
	initial?: { policy?: Partial<ChannelEntityPolicy>; schedule?: Schedule };
	/**
	 * Its records are rows of another application: which relation that is, whether new ones may be made from here, whether it
	 * tells of changes at once, and a text that differs where other fields are mapped or written. Absent = they are ours.
	 */
	source?: { relation: string; creates: boolean; tells: boolean; fingerprint: string };
	recordTable: string;
	mapNames: MapNames;
	map: MapTable;
	record: PgTable;
	store: EntityStore;
};

/** The name of the column that holds a field. */
export function columnOf({ name, column }: EntityField): string {
	return column ?? name;
}

/** The fields that point to records of other entities. */
export function referencesOf({ fields }: Pick<Entity, 'fields'>): { field: string; to: string; column: string }[] {
	return fields.flatMap((field) =>
		field.type === 'reference' && field.to ? [{ field: field.name, to: field.to, column: columnOf(field) }] : []
	);
}

/** The fields that name records of other entities, one or several. */
export function pointingFields({ fields }: Pick<Entity, 'fields'>): { field: string; to: string }[] {
	return fields.flatMap(({ name, type, to }) => (isPointing(type) && to ? [{ field: name, to }] : []));
}

/** The fields that are compared with channels. */
export function syncedFields({ fields }: Pick<Entity, 'fields'>): EntityField[] {
	return fields.filter(({ derived, ownOnly }) => typeof derived !== 'string' && !ownOnly);
}

/** The fields that a person or a channel may write. */
export function writableFields({ fields }: Pick<Entity, 'fields'>): EntityField[] {
	return fields.filter(({ derived, keptElsewhere }) => derived === undefined && !keptElsewhere);
}

/** The fields that a person types into a form; lists are shown only. */
export function typedFields(entity: Pick<Entity, 'fields'>): EntityField[] {
	return writableFields(entity).filter(({ type }) => type !== 'lines');
}

/** The policy with which an entity starts at a channel. */
export function initialPolicy({ initial }: Pick<Entity, 'initial'>): ChannelEntityPolicy {
	return { ...defaultPolicy, ...initial?.policy };
}

/** The schedule with which an entity starts at a channel. */
export function initialSchedule({ initial }: Pick<Entity, 'initial'>): Schedule {
	return initial?.schedule ?? defaultSchedule;
}
