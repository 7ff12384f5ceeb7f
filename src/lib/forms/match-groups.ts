import type { MatchGroup, MatchHow } from '#src/sync/match-groups.ts';

/** Rows of the form; a row without any field is none. */
export const matchGroupRows = 8;

export type MatchGroupRow = { place: number; hows: Readonly<Record<string, MatchHow | ''>> };

/** One row a group, in their order, and one empty row to add another. */
export function matchGroupRowsOf(groups: readonly MatchGroup[], fields: readonly string[]): MatchGroupRow[] {
	const shown = [...groups, ...(groups.length < matchGroupRows ? [[]] : [])];
	return shown.map((group, index) => ({
		place: index + 1,
		hows: Object.fromEntries(
			fields.map((field) => [field, group.find((key) => key.field === field)?.how ?? ''] as const)
		)
	}));
}

/** Reads `place.N` and `how.N.FIELD` of each row, in the order of the places; what is malformed is left out. */
export function readMatchGroups(data: FormData, fields: readonly string[]): MatchGroup[] {
	const rows = Array.from({ length: matchGroupRows }, (_, row) => ({
		place: Number(data.get(`place.${row}`)) || row + 1,
		group: fields.flatMap((field) => {
			const how = howOf(data.get(`how.${row}.${field}`));
			return how ? [{ field, how }] : [];
		})
	}));
	return rows
		.filter(({ group }) => group.length > 0)
		.toSorted((one, other) => one.place - other.place)
		.map(({ group }) => group);
}

function howOf(text: FormDataEntryValue | null): MatchHow | null {
	return text === 'equal' || text === 'respelled' || text === 'alike' ? text : null;
}
