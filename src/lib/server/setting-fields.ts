import type { ConnectorInfo } from '#src/engine-client/engine-client.ts';

const prefix = 'setting.';
const lengthMost = 200_000;

/** What was entered into a settings form, by the name of the field. */
export function enteredSettings(data: FormData): Record<string, string> {
	const entered: Record<string, string> = {};
	for (const [key, value] of data) {
		if (key.startsWith(prefix) && typeof value === 'string')
			entered[key.slice(prefix.length)] = value.replaceAll('\r\n', '\n').slice(0, lengthMost);
	}
	return entered;
}

/** What a settings form starts with. */
export function initialSettings({ fields }: ConnectorInfo): Record<string, string> {
	return Object.fromEntries(fields.map(({ name, initial }) => [name, initial ?? '']));
}

/** The first problem of each field. */
export function problemsByField(problems: readonly { field: string; message: string }[]): Record<string, string> {
	return Object.fromEntries(problems.toReversed().map(({ field, message }) => [field, message]));
}
