import type { Fields } from '#src/sync/fields.ts';
import { ConnectorError } from '../error.ts';
import { defaultEntities, type MemoryOptions } from './options.ts';
import { stored } from './rewrite.ts';
import { createTable, isoFromMicros, type MemoryRecord, type MemoryTable } from './table.ts';

type Late = { dueAt: number; run: (at: number) => void };

export type Put = {
	/** Absent keeps what the record has. */
	reference?: string | null;
	/** When the writer's transaction began; default: when it became visible. */
	stampedAt?: number;
};

/** What a memory channel holds and the rules by which it changes, the past and the near future included. */
export type MemoryData = ReturnType<typeof createMemoryData>;

export function createMemoryData(options: MemoryOptions) {
	const entities = options.entities ?? defaultEntities;
	const tables = new Map<string, MemoryTable>(Object.keys(entities).map((entity) => [entity, createTable()]));
	let late: Late[] = [];
	let revision = 0;
	let lastId = 100;
	const now = () => options.clock.nowMs();

	function table(entity: string): MemoryTable {
		const found = tables.get(entity);
		if (!found) throw new Error(`this memory channel has no entity ${entity}`);
		return found;
	}

	/** Lets the effects land whose time has come. */
	function catchUp(upTo = now()): void {
		const due = late.filter((each) => each.dueAt <= upTo).sort((a, b) => a.dueAt - b.dueAt);
		late = late.filter((each) => each.dueAt > upTo);
		for (const each of due) ignoringRefusal(() => each.run(Math.min(each.dueAt, now())));
	}

	const moment = (agoMs: number) => (agoMs === 0 ? Infinity : now() - agoMs);

	return {
		entities,
		now,
		catchUp,
		nextId: () => String((lastId += 1)),
		/** Writes a new state that holds from `at` on. */
		put(entity: string, id: string, fields: Fields, at: number, { reference, stampedAt }: Put = {}): void {
			const before = table(entity).get(id);
			const covers = options.stampCovers ?? 'all';
			const moves = !before || covers === 'all' || Object.keys(fields).some((name) => covers.includes(name));
			revision += 1;
			const stampMicros = moves ? stampAt(stampedAt ?? at, options) : before.stampMicros;
			const state = {
				fields: { ...before?.fields, ...rewritten(entities[entity], fields) },
				reference: reference === undefined ? (before?.reference ?? null) : reference,
				stampMicros,
				stamp: stampMicros === before?.stampMicros ? before.stamp : isoFromMicros(stampMicros),
				revision,
				fresh: before === undefined
			};
			table(entity).set(id, state, at);
		},
		remove: (entity: string, id: string): void => table(entity).set(id, null, now()),
		/** Performs an effect so much later; a refusal then has nobody to hear it. */
		later(afterMs: number, run: (at: number) => void): void {
			late.push({ dueAt: now() + afterMs, run });
		},
		/** Records as they were so long ago, in order of creation. */
		visible(entity: string, agoMs = 0): MemoryRecord[] {
			catchUp();
			return table(entity).at(moment(agoMs));
		},
		/** One record as it was so long ago. */
		peek(entity: string, id: string, agoMs = 0): MemoryRecord | undefined {
			catchUp();
			return table(entity).get(id, moment(agoMs));
		},
		/** Whether a record is old enough to be found by its reference. */
		isIndexed: (entity: string, id: string): boolean =>
			now() - table(entity).createdAt(id) >= (options.referenceLagMs ?? 0),
		/** Goes back to the states of a moment and forgets what was still to land. */
		rollBack(at: number): void {
			late = [];
			for (const each of tables.values()) each.rollBack(at);
		}
	};
}

function stampAt(at: number, { skewMs = 0, stampResolutionMs = 1000 }: MemoryOptions): number {
	const step = stampResolutionMs * 1000;
	return Math.floor(Math.round((at + skewMs) * 1000) / step) * step;
}

function rewritten(known: NonNullable<MemoryOptions['entities']>[string] | undefined, fields: Fields): Fields {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => {
			const field = known?.find((each) => each.name === name);
			return [name, field ? stored(field, value) : value];
		})
	);
}

function ignoringRefusal(run: () => void): void {
	try {
		run();
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
	}
}
