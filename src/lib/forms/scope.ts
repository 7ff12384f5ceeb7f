/** One condition of the form as it was typed. */
export type ScopeRow = { field: string; operator: string; value: string };

export const scopeSides = ['internal', 'external'] as const;
export type ScopeRows = Readonly<Record<(typeof scopeSides)[number], readonly ScopeRow[]>>;

/** Rows of one side at most. */
export const scopeRowsAtMost = 20;

/**
 * Reads `field.SIDE.N`, `operator.SIDE.N` and `value.SIDE.N` of each row; a row without a field is none. `add` (SIDE) puts
 * an empty row at the end, `remove` (SIDE.N) leaves one out.
 */
export function readScopeRows(data: FormData): ScopeRows {
	const removed = textIn(data, 'remove');
	const rowsOf = (side: string) => {
		const places = Array.from({ length: scopeRowsAtMost }, (_, place) => `${side}.${place}`);
		const rows = places
			.filter((place) => place !== removed && textIn(data, `field.${place}`) !== '')
			.map((place) => ({
				field: textIn(data, `field.${place}`),
				operator: textIn(data, `operator.${place}`),
				value: textIn(data, `value.${place}`)
			}));
		return textIn(data, 'add') === side && rows.length < scopeRowsAtMost ? [...rows, emptyRow] : rows;
	};
	return { internal: rowsOf('internal'), external: rowsOf('external') };
}

const emptyRow: ScopeRow = { field: '', operator: 'is', value: '' };

function textIn(data: FormData, name: string): string {
	const value = data.get(name);
	return typeof value === 'string' ? value.trim() : '';
}
