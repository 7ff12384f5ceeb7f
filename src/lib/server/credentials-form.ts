const prefix = 'credential.';
const namesMost = 20;
const lengthMost = 8_000;

/** Credentials as they were entered, by name. */
export function enteredCredentials(data: FormData): Record<string, string> {
	const given = [...data].filter(([key]) => key.startsWith(prefix)).slice(0, namesMost);
	return Object.fromEntries(
		given.flatMap(([key, value]) =>
			typeof value === 'string' ? [[key.slice(prefix.length), value.slice(0, lengthMost)]] : []
		)
	);
}
