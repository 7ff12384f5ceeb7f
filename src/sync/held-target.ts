const prefix = 'held:';

/** Where others name what is waited for, a record of this entity names this that waits for its own values to be put right. */
export function heldTarget(entity: string): string {
	return `${prefix}${entity}`;
}

/** The entity of a record that waits for itself; null where something else is waited for. */
export function heldEntityOf(target: string): string | null {
	return target.startsWith(prefix) ? target.slice(prefix.length) : null;
}
