import type { SettingField, SettingProblem, SettingsForm } from './connector.ts';

/** A form whose fields are settings of the same name: texts and numbers. */
export function plainSettingsForm(about: string, fields: readonly SettingField[]): SettingsForm {
	return {
		about,
		fields,
		read(entered) {
			const filled = fields.flatMap(({ name, kind }) => {
				const text = entered[name]?.trim() ?? '';
				return text === '' ? [] : [[name, kind === 'number' ? numberIn(text) : text] as const];
			});
			return { settings: Object.fromEntries(filled), problems: [] };
		},
		write: (settings) => Object.fromEntries(fields.map(({ name }) => [name, textOf(settings[name])])),
		fieldAt: (path) => fieldNamed(fields, path) ?? fields[0]?.name ?? ''
	};
}

/** The field that has the name of the path, or of its beginning. */
export function fieldNamed(fields: readonly SettingField[], path: string): string | undefined {
	return fields.find(({ name }) => path === name || path.startsWith(`${name}.`))?.name;
}

/** A JSON object from a field; a problem where it is none. */
export function jsonIn(field: string, text: string): { value: Record<string, unknown>; problems: SettingProblem[] } {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value === 'object' && value !== null && !Array.isArray(value))
			return { value: value as Record<string, unknown>, problems: [] };
		return { value: {}, problems: [{ field, message: 'must be a JSON object: { … }' }] };
	} catch (error) {
		const why = error instanceof Error ? error.message : '';
		return { value: {}, problems: [{ field, message: `is not valid JSON (${why.slice(0, 200)})` }] };
	}
}

/** A setting as the text of its field. */
export function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** What is no number stays a text, so that the check names it. */
function numberIn(text: string): number | string {
	const number = Number(text);
	return Number.isFinite(number) ? number : text;
}
