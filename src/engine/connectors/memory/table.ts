import type { Fields } from '#src/sync/fields.ts';

/** One state of a record. */
export type MemoryState = {
	fields: Fields;
	reference: string | null;
	/** Microseconds since 1970 by the channel's clock, cut to its resolution. */
	stampMicros: number;
	/** The same as ISO text with six digits. */
	stamp: string;
	/** Moves with every write. */
	revision: number;
	/** Nobody changed the record since it was made. */
	fresh: boolean;
};

export type MemoryRecord = MemoryState & { id: string; seq: number };

type Version = { at: number; state: MemoryState | null };
type Row = { id: string; seq: number; createdAt: number; versions: Version[] };

/** How long old states are kept, for answers that lag behind. */
const keptMs = 10 * 60_000;

/** The records of one entity with their recent past. Times are wall milliseconds of our clock. */
export type MemoryTable = ReturnType<typeof createTable>;

export function createTable() {
	const rows = new Map<string, Row>();
	let lastSeq = 0;

	const stateAt = (row: Row, at: number): MemoryState | null =>
		row.versions.findLast((version) => version.at <= at)?.state ?? null;
	const recordOf = (row: Row, state: MemoryState | null): MemoryRecord[] =>
		state === null ? [] : [{ ...state, id: row.id, seq: row.seq }];

	return {
		/** Records as they were at a moment, in order of creation. */
		at: (at: number): MemoryRecord[] => [...rows.values()].flatMap((row) => recordOf(row, stateAt(row, at))),
		get(id: string, at = Infinity): MemoryRecord | undefined {
			const row = rows.get(id);
			return row && recordOf(row, stateAt(row, at))[0];
		},
		createdAt: (id: string): number => rows.get(id)?.createdAt ?? Infinity,
		/** Sets the state of a record from `at` on; null deletes it. */
		set(id: string, state: MemoryState | null, at: number): void {
			let row = rows.get(id);
			if (!row) {
				lastSeq += 1;
				rows.set(id, (row = { id, seq: lastSeq, createdAt: at, versions: [] }));
			}
			row.versions.push({ at, state });
			const firstKept = row.versions.findLastIndex((version) => version.at <= at - keptMs);
			if (firstKept > 0) row.versions.splice(0, firstKept);
		},
		/** Goes back to the states of a moment, as a restored backup does. */
		rollBack(at: number): void {
			for (const row of rows.values()) {
				row.versions = [{ at, state: stateAt(row, at) }];
				if (row.versions[0]?.state === null) rows.delete(row.id);
			}
		}
	};
}

/** Microseconds since 1970 as ISO text with six digits. */
export function isoFromMicros(micros: number): string {
	const rest = String(micros % 1000).padStart(3, '0');
	return new Date(Math.floor(micros / 1000)).toISOString().replace('Z', `${rest}Z`);
}
