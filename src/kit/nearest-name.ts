/** The one of `known` that a mistyped or half said name most likely means; undefined where none comes near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
	const mostTypos = Math.min(2, Math.floor(name.length / 3));
	const near = known
		.map((one) => ({ one, typos: typosBetween(plain(name), plain(one)) }))
		.filter(({ typos }) => typos <= mostTypos)
		.toSorted((left, right) => left.typos - right.typos)[0];
	return near?.one ?? known.find((one) => one.split(/[-_]/).includes(name.toLowerCase()));
}

/** Case and what stands between words tell no two names apart. */
function plain(name: string): string {
	return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** How many letters must be put in, taken out, replaced or exchanged with their neighbour. */
function typosBetween(one: string, other: string): number {
	const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
	for (let row = 1; row <= one.length; row += 1) {
		const now = [row];
		for (let column = 1; column <= other.length; column += 1) {
			const isSame = one[row - 1] === other[column - 1];
			const above = rows[row - 1] ?? [];
			const isExchanged = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
			now[column] = Math.min(
				(above[column] ?? 0) + 1,
				(now[column - 1] ?? 0) + 1,
				(above[column - 1] ?? 0) + (isSame ? 0 : 1),
				isExchanged ? (rows[row - 2]?.[column - 2] ?? 0) + 1 : Infinity
			);
		}
		rows.push(now);
	}
	return rows.at(-1)?.at(-1) ?? 0;
}
