import type { Fields } from '#src/sync/fields.ts';
import { createMemoryData, type MemoryData } from './memory-data.ts';
import type { Fault, MemoryCall, MemoryMethod, MemoryOptions } from './options.ts';
import type { MemoryRecord } from './table.ts';

/** One write of ours as the channel logged it. */
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

/** A record as a test sees it. */
export type SeenRecord = { id: string; fields: Fields; reference: string | null; stamp: string };

/** A channel inside this process, as unfriendly as its options say. */
export type MemoryChannel = ReturnType<typeof createMemoryChannel>;

/**
 * Makes a fake channel for tests, scenarios and simulation. Everything it does depends only on its options and the
 * clock in them: the same calls at the same times give the same answers. Reach it by `memoryConnector`.
 */
export function createMemoryChannel(options: MemoryOptions) {
	const data = createMemoryData(options);
	const traffic = createTraffic(options, data);
	return {
		options,
		...handsOf(data),
		/** Our writes that took effect, in the order in which they did. */
		writes: traffic.writes,
		/** Every call that passed its deadline check, failed ones too. */
		calls: traffic.calls,
		failNext: traffic.failNext,
		heal: traffic.heal,
		afterNextWrite: traffic.afterNextWrite,
		/** For the connector only. */
		inside: { data, receive: traffic.receive, effect: traffic.effect }
	};
}

/** What users and operators of the channel do, and what a test looks at. */
function handsOf(data: MemoryData) {
	return {
		/** Makes a record; fields that are not given are empty, booleans true. Answers its id. */
		add(entity: string, fields: Fields, more: { id?: string; reference?: string } = {}): string {
			const id = more.id ?? data.nextId();
			const whole = { ...emptyRecord(data, entity), ...fields };
			data.put(entity, id, whole, data.now(), { reference: more.reference ?? null });
			return id;
		},
		/** Edits a record. With `openForMs` the change is stamped now and seen so much later, like a long transaction. */
		edit(entity: string, id: string, fields: Fields, { openForMs = 0 }: { openForMs?: number } = {}): void {
			if (!data.peek(entity, id)) throw new Error(`no record ${id} to edit`);
			const stampedAt = data.now();
			if (openForMs === 0) return data.put(entity, id, fields, stampedAt);
			data.later(openForMs, (at) => {
				if (data.peek(entity, id)) data.put(entity, id, fields, at, { stampedAt });
			});
		},
		/** Deletes a record for good. */
		remove(entity: string, id: string): void {
			data.catchUp();
			data.remove(entity, id);
		},
		/** What the channel really holds now, without any lag. */
		records: (entity: string): SeenRecord[] => data.visible(entity).map(seen),
		record(entity: string, id: string): SeenRecord | undefined {
			const record = data.peek(entity, id);
			return record && seen(record);
		},
		/** Lets all late effects land now. */
		land: (): void => data.catchUp(Infinity),
		/** Puts the channel back to what it held at this wall time, at most 10 minutes ago. */
		restoreBackup: (atMs: number): void => data.rollBack(atMs)
	};
}

/** What comes over the imagined wire, and what goes wrong there. */
function createTraffic(options: MemoryOptions, data: MemoryData) {
	const calls: MemoryCall[] = [];
	const writes: MemoryWrite[] = [];
	let plan: { method: MemoryMethod | 'any'; fault: Fault }[] = [];
	let afterWrite: (() => void)[] = [];

	return {
		calls: (): readonly MemoryCall[] => calls,
		writes(): readonly MemoryWrite[] {
			data.catchUp();
			return writes;
		},
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
		/** Logs a call and tells what goes wrong with it. */
		receive(method: MemoryMethod, entity: string, ids: readonly string[]) {
			const call: MemoryCall = { seq: calls.length + 1, at: data.now(), method, entity, ids };
			calls.push(call);
			const planned = plan.findIndex((each) => each.method === 'any' || each.method === method);
			const [taken] = planned < 0 ? [] : plan.splice(planned, 1);
			return { call, fault: taken?.fault ?? options.faultFor?.(call) };
		},
		/**
		 * Performs writes of ours, now or so much later, all or none, and answers the states that they produced now. `allowed`
		 * judges them at that moment and throws a refusal.
		 */
		effect(
			many: readonly Omit<MemoryWrite, 'seq' | 'at'>[],
			allowed: () => void,
			{ reference, afterMs }: { reference?: string | null; afterMs?: number }
		): (MemoryRecord | undefined)[] {
			const run = (at: number) => {
				allowed();
				for (const write of many) {
					data.put(write.entity, write.id, write.fields, at, reference === undefined ? {} : { reference });
					writes.push({ seq: writes.length + 1, at, ...write });
				}
				const produced = many.map(({ entity, id }) => data.peek(entity, id));
				const hooks = afterWrite;
				afterWrite = [];
				for (const hook of hooks) hook();
				return produced;
			};
			data.catchUp();
			if (afterMs === undefined) return run(data.now());
			data.later(afterMs, run);
			return many.map(() => undefined);
		}
	};
}

/** A record that nobody filled in yet. */
export function emptyRecord({ entities }: MemoryData, entity: string): Fields {
	return Object.fromEntries((entities[entity] ?? []).map(({ name, type }) => [name, type === 'boolean' ? true : null]));
}

function seen({ id, fields, reference, stamp }: MemoryRecord): SeenRecord {
	return { id, fields, reference, stamp };
}
