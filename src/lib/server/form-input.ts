import { m } from '#src/lib/paraglide/messages.js';
import type { Outcome, Refused } from './act.ts';

/** Whether a form's text can be an id of ours. */
export function isId(text: string): boolean {
	return /^[1-9]\d{0,17}$/.test(text);
}

/** The refusal of a form that no page of ours sends; names the field. */
export function invalid(field: string): Refused & { ok: false } {
	return { ok: false, kind: 'invalid', message: m.form_input_invalid({ field }), hint: m.form_input_invalid_hint() };
}

/** It worked: say so on the next page. */
export function good(text: string) {
	return { ok: true, flash: { tone: 'good', text } } as const satisfies Outcome;
}
