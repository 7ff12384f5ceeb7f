/** The boxes of the rows that belong to the form of bulk actions. */
export function tickedRows(): HTMLInputElement[] {
	return [...document.querySelectorAll<HTMLInputElement>('input[form="bulk"][name="link"]')];
}
