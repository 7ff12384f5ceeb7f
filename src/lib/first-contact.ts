/** How the links that differ in one field differ. */
export type Counts = { internalEmpty: number; externalEmpty: number; differing: number };

/** What settling one field does, in numbers of links. */
export type SettledOutcome = { sent: number; received: number; stay: number };

/** What happens to the links that differ in a field under a rule; null = it is left as it is. */
export function outcomeOf({ internalEmpty, externalEmpty, differing }: Counts, rule: string | null): SettledOutcome {
	const all = internalEmpty + externalEmpty + differing;
	if (rule === 'internal-wins') return { sent: all, received: 0, stay: 0 };
	if (rule === 'external-wins') return { sent: 0, received: all, stay: 0 };
	if (rule === 'fill-blanks') return { sent: externalEmpty, received: internalEmpty, stay: differing };
	return { sent: 0, received: 0, stay: all };
}

/** Counts as a form carries them. */
export function countsText({ internalEmpty, externalEmpty, differing }: Counts): string {
	return [internalEmpty, externalEmpty, differing].join(' ');
}

/** What `countsText` made; -1, which no count is, where it is not that. */
export function countsIn(text: string): Counts {
	const parts = text.split(' ').map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : -1));
	const [internalEmpty = -1, externalEmpty = -1, differing = -1] = parts;
	return { internalEmpty, externalEmpty, differing };
}
