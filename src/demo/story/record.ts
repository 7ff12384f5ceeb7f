import type { Fields, Value } from '#src/sync/fields.ts';

/** One record of Nordhang Outdoor before it is anybody's: the values both sides agree on unless the story says otherwise. */
export type StoryRecord = Fields & { value: string; name: string };

/** Just these fields. */
export function only(fields: Fields, names: readonly string[]): Fields {
	const some: Record<string, Value> = {};
	for (const name of names) if (fields[name] !== undefined) some[name] = fields[name];
	return some;
}

/** ISO text with microseconds, `hours` before `nowMs`. */
export function hoursBefore(nowMs: number, hours: number): string {
	return new Date(nowMs - Math.round(hours * 3_600_000)).toISOString().replace('Z', '000Z');
}
