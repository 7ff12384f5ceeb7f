import { z } from 'zod';
import { m } from '#src/lib/paraglide/messages.js';
import { decimalWords } from '#src/lib/words/value-words.ts';

/** A field of a record as its form needs it. */
export type FormField = {
	name: string;
	label: string;
	type: string;
	required?: boolean;
	maxLength?: number;
	scale?: number;
	/** Of a reference: what may be chosen, by code; others may be typed. */
	choices?: readonly { value: string; name: string }[] | undefined;
};

/** What stands in the form: text as typed, true or false for a checkbox. */
export type FormValues = Record<string, string | boolean>;

type Stored = string | boolean | null;

/** The rules of a record's form, one per field; messages name the field. */
export function recordFormSchema(fields: readonly FormField[]) {
	return z.object(Object.fromEntries(fields.map((field) => [field.name, ruleOf(field)])));
}

function ruleOf(field: FormField) {
	if (field.type === 'boolean') return z.boolean().default(false);
	const longest = field.maxLength ?? 2_000;
	const text = z
		.string()
		.trim()
		.max(longest, m.form_too_long({ field: field.label, most: longest }))
		.refine((value) => !value.includes('\u0000'), m.form_invalid({ field: field.label }));
	if (field.type === 'decimal')
		return text
			.refine(
				(value) => value === '' || isDecimal(value, field.scale ?? 6),
				m.form_decimal({ field: field.label, scale: field.scale ?? 6 })
			)
			.default('');
	return (field.required ? text.min(1, m.form_required({ field: field.label })) : text).default('');
}

function isDecimal(text: string, scale: number): boolean {
	const match = /^-?\d{1,13}(?:\.(\d+))?$/.exec(text);
	return match !== null && (match[1] ?? '').length <= scale;
}

/** Stored values as the form shows them. */
export function toFormValues(fields: readonly FormField[], stored: Readonly<Record<string, Stored>>): FormValues {
	return Object.fromEntries(
		fields.map(({ name, type }) => {
			const value = stored[name] ?? null;
			if (type === 'boolean') return [name, value === true];
			const text = value === null ? '' : String(value);
			return [name, type === 'decimal' ? decimalWords(text) : text];
		})
	);
}

/** What the form says as stored values; an empty text is no value. */
export function fromFormValues(values: Readonly<FormValues>): Record<string, Stored> {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === '' ? null : value]));
}

/** Values that a form carries along to tell what a person touched; null for anything that is not such a text. */
export function parseFormValues(text: string): FormValues | null {
	try {
		const parsed = z.record(z.string(), z.union([z.string(), z.boolean()])).safeParse(JSON.parse(text));
		return parsed.success ? parsed.data : null;
	} catch {
		return null;
	}
}

/** A field that the person and somebody else changed at once. */
export type Clash = { name: string; yours: string | boolean; theirs: string | boolean };

/** What a page shows after such a clash: nothing was saved, and saving again starts from `now`. */
export type FormClash = { rev: string; now: FormValues; fields: readonly Clash[] };

/**
 * What a person typed on top of what somebody else saved meanwhile: fields they did not touch follow the other, fields
 * that both changed to different values are clashes and keep what was typed.
 */
export function mergeForm(at: { was: FormValues; typed: FormValues; now: FormValues }): {
	values: FormValues;
	clashes: Clash[];
} {
	const values: FormValues = {};
	const clashes: Clash[] = [];
	for (const [name, yours] of Object.entries(at.typed)) {
		const theirs = at.now[name] ?? yours;
		const touched = at.was[name] !== yours;
		values[name] = touched ? yours : theirs;
		if (touched && at.was[name] !== theirs && yours !== theirs) clashes.push({ name, yours, theirs });
	}
	return { values, clashes };
}

/** The fields whose value is not the one before. */
export function changedValues(was: FormValues, values: FormValues): FormValues {
	return Object.fromEntries(Object.entries(values).filter(([name, value]) => was[name] !== value));
}
