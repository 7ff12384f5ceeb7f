import type { channelRecord, suggestion } from '#src/db/schema/matching.ts';
import type { conflict, decision, linkHistory } from '#src/db/schema/decisions.ts';
import type { hold, run } from '#src/db/schema/runs.ts';
import type { intent } from '#src/db/schema/sync.ts';
import type { InternalRecord } from '#src/entities/entity.ts';
import type { MapTable } from '#src/entities/map-table.ts';
import { createMemoryStore, type MemoryDatabase } from '#src/store/memory/create-memory-store.ts';
import type { PeopleStore } from '#src/store/people.ts';
import type { Store } from '#src/store/store.ts';
import type { Fields } from '#src/sync/fields.ts';

/** The rows that people and checkers look at, as the schema types them. */
export type Rows = {
	conflicts: (typeof conflict.$inferSelect)[];
	decisions: (typeof decision.$inferSelect)[];
	history: (typeof linkHistory.$inferSelect)[];
	holds: (typeof hold.$inferSelect)[];
	intents: (typeof intent.$inferSelect)[];
	runs: (typeof run.$inferSelect)[];
	suggestions: (typeof suggestion.$inferSelect)[];
	seen: (typeof channelRecord.$inferSelect)[];
};
export type LinkRow = MapTable['$inferSelect'];

/** The database of a simulation: the verbs that engine and people use, and plain reading and writing beside them. */
export type Directory = {
	store: Store;
	people: PeopleStore;
	addChannel: MemoryDatabase['addChannel'] | ((input: Parameters<MemoryDatabase['addChannel']>[0]) => Promise<string>);
	insert(entity: string, fields: Fields): Promise<string>;
	update(entity: string, id: string, fields: Fields): Promise<void>;
	remove(entity: string, id: string): Promise<void>;
	read(entity: string, id: string): Promise<InternalRecord | null>;
	all(entity: string): Promise<InternalRecord[]>;
	links(entity: string): Promise<LinkRow[]>;
	rows<Name extends keyof Rows>(name: Name): Promise<Rows[Name]>;
};

/** The directory in memory. `nowMicros`: the database's clock. */
export function memoryDirectory(nowMicros: () => bigint): Directory {
	const database = createMemoryStore({ nowMicros });
	const { tables } = database;
	const tableOf = {
		conflicts: tables.conflicts,
		decisions: tables.decisions,
		history: tables.linkHistory,
		holds: tables.holds,
		intents: tables.intents,
		runs: tables.runs,
		suggestions: tables.suggestions,
		seen: tables.channelRecords
	};
	return {
		store: database.store,
		people: database.people,
		addChannel: (input) => database.addChannel(input),
		insert: async (entity, fields) => database.records(entity).insert(fields),
		update: async (entity, id, fields) => database.records(entity).update(id, fields),
		remove: async (entity, id) => database.records(entity).remove(id),
		read: async (entity, id) => database.records(entity).read(id),
		all: async (entity) => database.records(entity).all(),
		links: async (entity) => [...tables.of(entity).links.all()],
		rows: async (name) => [...tableOf[name].all()] as never
	};
}
