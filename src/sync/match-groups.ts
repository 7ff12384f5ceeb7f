/**
 * One thing two records must agree on. `equal`: written alike; `respelled`: the same code but for spelling (a GTIN only with a
 * valid check digit); `alike`: names that share most of their letters.
 */
export type MatchKey = { field: string; how: MatchHow };
export type MatchHow = 'equal' | 'respelled' | 'alike';

/** All of it must hold. At least one key is a code: a likeness alone makes no pair. */
export type MatchGroup = readonly MatchKey[];

export const matchHows: readonly MatchHow[] = ['equal', 'respelled', 'alike'];

/** The field whose likeness counts; it identifies nothing by itself. */
export const nameField = 'name';

/** What counts where a channel says nothing: the first code as written, the other codes, the first code respelled. */
export function defaultMatchGroups(matchKeys: readonly string[]): MatchGroup[] {
	const [main, ...others] = matchKeys;
	if (main === undefined) return [];
	return [
		[{ field: main, how: 'equal' }],
		...others.map((field): MatchGroup => [{ field, how: 'respelled' }]),
		[
			{ field: main, how: 'respelled' },
			{ field: nameField, how: 'alike' }
		],
		[{ field: main, how: 'respelled' }]
	];
}

/** Whether these groups can be matched by: codes of the entity, and likeness of the name beside a code. */
export function areMatchGroups(groups: readonly MatchGroup[], matchKeys: readonly string[]): boolean {
	const known = ({ field, how }: MatchKey) => (how === 'alike' ? field === nameField : matchKeys.includes(field));
	const once = (group: MatchGroup) => new Set(group.map(({ field }) => field)).size === group.length;
	return (
		groups.length > 0 &&
		groups.every((group) => group.every(known) && once(group) && group.some(({ how }) => how !== 'alike'))
	);
}
