import type { Fields } from '#src/sync/fields.ts';
import { ConnectorError } from '../error.ts';
import { defaultEntities, type Fault, type MemoryCall, type MemoryMethod, type MemoryOptions } from './options.ts';
import { stored } from './rewrite.ts';
import { createTable, type MemoryRecord, type MemoryTable } from './table.ts';

/** One write of ours as the channel logged it, in its own time order. */
export type MemoryWrite = {
	seq: number;
	/** Wall milliseconds of our clock. */
	at: number;
	method: 'create' | 'update';
	entity: string;
	id: string;
	/** The values as they were sent. */
	fields: Fields;
};

/** The record as a test sees it. */
export type SeenRecord = { id: string; fields: Fields; reference: string | null; stamp: string };

type Late = { dueAt: number; run: (at: number) => void };
type Planned = { method: MemoryMethod | 'any'; fault: Fault };

/** A channel inside this process, as unfriendly as its options say. */
export type MemoryChannel = ReturnType<typeof createMemoryChannel>;

/**
 * Makes a fake channel for tests, scenarios and simulation. Everything it does depends only on its options and the
 * clock in them: the same calls at the same times give the same answers. Reach it by `memoryConnector`.
 */
export function createMemoryChannel(options: MemoryOptions) {
	const entities = options.entities ?? defaultEntities;
	const tables = new Map<string, MemoryTable>(Object.keys(entities).map((entity) => [entity, createTable()]));
	const calls: MemoryCall[] = [];
	const writes: MemoryWrite[] = [];
	let late: Late[] = [];
	let plan: Planned[] = [];
	let afterWrite: (() => void)[] = [];
	let lastId = 100;
	let revision = 0;

	const now = () => options.clock.nowMs();
	const resolutionMicros = (options.stampResolutionMs ?? 1000) * 1000;

	function stampAt(at: number): number {
		const micros = Math.round((at + (options.skewMs ?? 0)) * 1000);
		return Math.floor(micros / resolutionMicros) * resolutionMicros;
	}

	function table(entity: string): MemoryTable {
		const found = tables.get(entity);
		if (!found) throw new Error(`this memory channel has no entity ${entity}`);
		return found;
	}

	/** Lets the effects land whose time has come. */
	function catchUp(upTo = now()): void {
		const due = late.filter((each) => each.dueAt <= upTo).sort((a, b) => a.dueAt - b.dueAt);
		late = late.filter((each) => each.dueAt > upTo);
		for (const each of due) each.run(Math.min(each.dueAt, now()));
	}

	function rewritten(entity: string, fields: Fields): Fields {
		const known = entities[entity] ?? [];
		return Object.fromEntries(
			Object.entries(fields).map(([name, value]) => {
				const field = known.find((each) => each.name === name);
				return [name, field ? stored(field, value) : value];
			})
		);
	}

	/** Writes a new state that holds from `at` on and is stamped with `stampedAt`. */
	function put(
		entity: string,
		id: string,
		fields: Fields,
		at: number,
		more: { reference?: string | null; stampedAt?: number } = {}
	) {
		const before = table(entity).get(id);
		revision += 1;
		const covers = options.stampCovers ?? 'all';
		const moves = !before || covers === 'all' || Object.keys(fields).some((name) => covers.includes(name));
		table(entity).set(
			id,
			{
				fields: { ...before?.fields, ...rewritten(entity, fields) },
				reference: more.reference === undefined ? (before?.reference ?? null) : more.reference,
				stampMicros: moves ? stampAt(more.stampedAt ?? at) : before.stampMicros,
				revision
			},
			at
		);
	}

	const nextId = () => String((lastId += 1));

	function seen(record: MemoryRecord): SeenRecord {
		const { id, fields, reference, stampMicros } = record;
		return { id, fields, reference, stamp: isoFromMicros(stampMicros) };
	}

	return {
		options,
		entities,

		/** Makes a record as a user of the channel would; fields that are not given are empty. Answers its id. */
		add(entity: string, fields: Fields, more: { id?: string; reference?: string } = {}): string {
			const id = more.id ?? nextId();
			const empty = Object.fromEntries(
				(entities[entity] ?? []).map(({ name, type }) => [name, type === 'boolean' ? true : null])
			);
			put(entity, id, { ...empty, ...fields }, now(), { reference: more.reference ?? null });
			return id;
		},
		/**
		 * Edits a record as a user of the channel would. With `openForMs` the change is stamped now and becomes visible
		 * so much later, like a long transaction.
		 */
		edit(entity: string, id: string, fields: Fields, { openForMs = 0 }: { openForMs?: number } = {}): void {
			catchUp();
			if (!table(entity).get(id)) throw new Error(`no record ${id} to edit`);
			const stampedAt = now();
			if (openForMs === 0) return put(entity, id, fields, stampedAt);
			late.push({
				dueAt: stampedAt + openForMs,
				run: (at) => table(entity).get(id) && put(entity, id, fields, at, { stampedAt })
			});
		},
		/** Deletes a record for good. */
		remove(entity: string, id: string): void {
			catchUp();
			table(entity).set(id, null, now());
		},
		/** What the channel really holds now, without any lag. */
		records(entity: string): SeenRecord[] {
			catchUp();
			return table(entity).at(Infinity).map(seen);
		},
		record(entity: string, id: string): SeenRecord | undefined {
			catchUp();
			const record = table(entity).get(id);
			return record && seen(record);
		},
		/** Our writes that took effect, in the order in which they did. */
		writes(): readonly MemoryWrite[] {
			catchUp();
			return writes;
		},
		/** Every call that passed its deadline check, failed ones too. */
		calls: (): readonly MemoryCall[] => calls,
		/** The next `times` calls of this method go wrong like this. */
		failNext(method: MemoryMethod | 'any', fault: Fault, times = 1): void {
			for (let each = 0; each < times; each += 1) plan.push({ method, fault });
		},
		/** Takes back all faults planned with `failNext`. */
		heal(): void {
			plan = [];
		},
		/** Runs once right after our next write took effect, before it is answered: a foreign write in between. */
		afterNextWrite(run: () => void): void {
			afterWrite.push(run);
		},
		/** Lets all late effects land now. */
		land(): void {
			catchUp(Infinity);
		},
		/** Puts the channel back to what it held at this wall time, at most 10 minutes ago. */
		restoreBackup(atMs: number): void {
			late = [];
			for (const each of tables.values()) each.rollBack(atMs);
		},

		/** For the connector: logs a call and tells what goes wrong with it. */
		receive(
			method: MemoryMethod,
			entity: string,
			ids: readonly string[]
		): { call: MemoryCall; fault: Fault | undefined } {
			const call: MemoryCall = { seq: calls.length + 1, at: now(), method, entity, ids };
			calls.push(call);
			const planned = plan.findIndex((each) => each.method === 'any' || each.method === method);
			const [taken] = planned < 0 ? [] : plan.splice(planned, 1);
			return { call, fault: taken?.fault ?? options.faultFor?.(call) };
		},
		/** For the connector: records as they were so long ago. */
		visible(entity: string, agoMs: number): MemoryRecord[] {
			catchUp();
			return table(entity).at(agoMs === 0 ? Infinity : now() - agoMs);
		},
		/** For the connector: whether a create is old enough to be found by its reference. */
		isIndexed: (entity: string, id: string): boolean =>
			now() - table(entity).createdAt(id) >= (options.referenceLagMs ?? 0),
		nextId,
		/** For the connector: performs an effect of ours now, or so much later. Throws ConnectorError when refused now. */
		effect(
			write: Omit<MemoryWrite, 'seq' | 'at'>,
			allowed: () => void,
			more: { reference?: string | null; afterMs?: number } = {}
		): void {
			const run = (at: number) => {
				allowed();
				put(
					write.entity,
					write.id,
					write.fields,
					at,
					more.reference === undefined ? {} : { reference: more.reference }
				);
				writes.push({ seq: writes.length + 1, at, ...write });
				const hooks = afterWrite;
				afterWrite = [];
				for (const hook of hooks) hook();
			};
			catchUp();
			if (more.afterMs === undefined) return run(now());
			late.push({ dueAt: now() + more.afterMs, run: (at) => ignoringRefusal(() => run(at)) });
		}
	};
}

/** Nobody waits for the answer of a late effect any more. */
function ignoringRefusal(run: () => void): void {
	try {
		run();
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
	}
}

/** Microseconds since 1970 as ISO text with six digits. */
export function isoFromMicros(micros: number): string {
	const rest = String(micros % 1000).padStart(3, '0');
	return new Date(Math.floor(micros / 1000)).toISOString().replace('Z', `${rest}Z`);
}
