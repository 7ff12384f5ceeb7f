import { sqlState } from '#src/store/postgres-error.ts';

/** A running hash over everything that happened: equal traces, equal schedules. */
export type Trace = ReturnType<typeof createTrace>;

/** `full` hashes arguments and results of every call; otherwise only which call happened when. `print` shows each line. */
export function createTrace({ full, print }: { full: boolean; print?: (line: string) => void }) {
	let low = 0x811c9dc5;
	let high = 0x1b873593;
	const add = (text: string) => {
		for (let index = 0; index < text.length; index++) {
			const code = text.charCodeAt(index);
			low = Math.imul(low ^ code, 0x01000193);
			high = Math.imul(high ^ (code + (low >>> 24)), 0x5bd1e995);
		}
	};
	return {
		/** A line is put together only where somebody reads it. */
		note(atMs: number, what: string, detail?: unknown): void {
			if (!full && !print) {
				add(what);
				low = Math.imul(low ^ (atMs * 1000), 0x01000193);
				return;
			}
			const line = `${(atMs - epochMs).toFixed(3)} ${what} ${detail === undefined ? '' : textOf(detail)}`;
			add(line);
			print?.(line);
		},
		hash: (): string => (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')
	};
}

/** True time at which every schedule begins: 2026-11-28T12:00:00Z. */
export const epochMs = Date.UTC(2026, 10, 28, 12);

/** JSON with keys in order, so that two stores tell the same by the same text. */
function textOf(detail: unknown): string {
	return JSON.stringify(detail, (_, value: unknown) => {
		if (typeof value === 'bigint') return String(value);
		if (value instanceof Map) return [...value];
		if (value instanceof Set) return [...value];
		if (value instanceof AbortSignal) return undefined;
		// The database's own text of an error is not the product's.
		if (value instanceof Error) return sqlState(value) ?? `${value.name}: ${value.message}`;
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
		if ('mapNames' in value) return (value as { name?: unknown }).name;
		return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
	});
}
