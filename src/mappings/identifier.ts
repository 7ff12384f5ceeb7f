/** Whether a text can be an id of ours; anything else names nothing. */
export function isId(text: string | null | undefined): text is string {
	return text !== null && text !== undefined && /^\d{1,18}$/.test(text);
}
