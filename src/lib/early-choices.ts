export type EarlyChoice = { select: HTMLSelectElement; value: string };

/** What somebody chose in a page's lists while its scripts were still on their way. */
export function earlyChoices(page: ParentNode): EarlyChoice[] {
	return [...page.querySelectorAll('select')]
		.filter((select) => select.selectedIndex !== servedIndex(select))
		.map((select) => ({ select, value: select.value }));
}

/** Makes the choices again where taking over the page has set a list back to what was served. */
export function repeatChoices(choices: EarlyChoice[]): void {
	for (const { select, value } of choices) {
		if (select.value === value) continue;
		select.value = value;
		select.dispatchEvent(new Event('change', { bubbles: true }));
	}
}

function servedIndex(select: HTMLSelectElement): number {
	const marked = [...select.options].findIndex((option) => option.defaultSelected);
	return Math.max(marked, 0);
}
