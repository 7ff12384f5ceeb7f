import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { defaultSchedule, type ChannelEntityPolicy } from '#src/sync/policy.ts';
import type { PeopleStore } from '../people.ts';
import type { Store } from '../store.ts';
import { columnValue } from './column-value.ts';
import { dump, type Dump } from './dump.ts';
import { createEngineStore } from './engine-store.ts';
import { deleteRecordRow, insertRecordRow, updateRecordRows } from './record-triggers.ts';
import { createMemoryPeopleStore } from './people-store.ts';
import { createTables, type DatabaseClock, type Tables } from './tables.ts';

/** A table of our records as any program with SQL sees it: triggers included, errors as PostgreSQL's. */
export type PlainRecords = {
	/** Absent columns take their defaults. Returns the id. */
	insert(fields: Fields): string;
	/** No row of that id: nothing happens. */
	update(id: string, fields: Fields): void;
	remove(id: string): void;
	read(id: string): InternalRecord | null;
	/** In id order. */
	all(): InternalRecord[];
};

export type NewChannel = {
	name: string;
	connector: string;
	settings: Record<string, unknown>;
	credentials?: Record<string, string>;
	entities: readonly {
		entity: string;
		policy: ChannelEntityPolicy;
		pushLive: boolean;
		pullLive: boolean;
		autoCreateExternal: boolean;
		autoCreateInternal: boolean;
		allowSecondary: boolean;
	}[];
};

/** The store without a database: for simulations, and proved equal to PostgreSQL verb by verb. */
export type MemoryDatabase = {
	/** The engine's verbs. Each does all its work before it returns its promise, and all or nothing. */
	store: Store;
	/** The person's verbs, likewise. */
	people: PeopleStore;
	/** The rows. Read only: writes go through verbs and triggers. */
	tables: Tables;
	records(entity: Entity['name']): PlainRecords;
	/** Adds a channel that is not paused, with the default schedule; returns its id. */
	addChannel(input: NewChannel): string;
	dump(): Dump;
};

/** An empty database with every table, trigger and rule of the migrations; its installation has the key 'simkey'. */
export function createMemoryStore(clock: DatabaseClock, installationKey = 'simkey'): MemoryDatabase {
	const tables = createTables(clock);
	tables.addInstallation(installationKey);
	return {
		store: createEngineStore(tables),
		people: createMemoryPeopleStore(tables),
		tables,
		records: (entity) => plainRecords(tables, entity),
		addChannel: (input) => tables.atomically(() => addChannel(tables, input)),
		dump: () => dump(tables)
	};
}

function plainRecords(tables: Tables, entity: string): PlainRecords {
	const { entity: described, records } = tables.of(entity);
	return {
		insert: (fields) => tables.atomically(() => insertRecordRow(tables, entity, fields).id),
		update(id, fields) {
			// A value that is none is refused before any row is looked for.
			for (const field of described.fields) columnValue(field, fields[field.name] ?? null);
			const before = records.get(id);
			if (before) tables.atomically(() => updateRecordRows(tables, entity, [{ before, fields }]));
		},
		remove(id) {
			const row = records.get(id);
			if (row) tables.atomically(() => deleteRecordRow(tables, entity, row));
		},
		read: (id) => records.get(id)?.record ?? null,
		all: () => Array.from(records.all(), ({ record }) => record)
	};
}

function addChannel(tables: Tables, input: NewChannel): string {
	const { id } = tables.channels.insert({
		id: tables.channels.nextId(),
		name: input.name,
		connector: input.connector,
		settings: input.settings,
		credentials: input.credentials ?? {},
		credentialsChanged: {},
		pausedAt: null,
		pausedReason: null,
		testedAt: null,
		setUpAt: null,
		deletedAt: null,
		problem: null,
		createdAt: tables.now(),
		updatedAt: tables.now()
	});
	for (const settings of input.entities) {
		tables.channelEntities.insert({
			...settings,
			channelId: id,
			schedule: defaultSchedule,
			cursor: null,
			sweptAt: null,
			failures: 0,
			fingerprint: null,
			settingsRev: 1
		});
	}
	return id;
}
