/** Whether this person wants one-key shortcuts: on unless the cookie says otherwise. */
export function parseShortcuts(text: string | undefined): boolean {
	return text !== 'off';
}

/**
 * A handler for keydown that acts on single keys: not with a modifier, not while somebody types, never twice for one press.
 * Use it only where `page.data.shortcuts` is on.
 */
export function onSingleKey(keys: Readonly<Record<string, () => void>>): (event: KeyboardEvent) => void {
	return (event) => {
		const act = keys[event.key];
		if (!act || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
		if (isTyping(event.target)) return;
		event.preventDefault();
		act();
	};
}

function isTyping(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button', 'submit'].includes(target.type);
	return target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName);
}
