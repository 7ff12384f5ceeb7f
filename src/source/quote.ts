/** A name as SQL writes it. */
export function quoteName(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL writes it, whatever the server's setting for backslashes. */
export function quoteText(text: string): string {
	const quoted = `'${text.replaceAll("'", "''")}'`;
	return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A relation or function with its schema. */
export function quotePath({ schema, name }: { schema: string; name: string }): string {
	return `${quoteName(schema)}.${quoteName(name)}`;
}
