const prefix = 'value:';

/** The name under which a row that a value table misses is waited for. */
export function valueTarget(table: string): string {
	return `${prefix}${table}`;
}

/** The value table that is waited for; null for records of an entity. */
export function valueTableOf(target: string): string | null {
	return target.startsWith(prefix) ? target.slice(prefix.length) : null;
}
