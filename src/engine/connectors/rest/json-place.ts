/** The steps to a place: a plain property name, or a JSON pointer when it begins with a slash. */
function stepsOf(place: string): readonly string[] {
	if (!place.startsWith('/')) return [place];
	return place
		.slice(1)
		.split('/')
		.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a place; undefined where any step is missing. Looks at own properties only. */
export function valueAt(root: unknown, place: string): unknown {
	let value: unknown = root;
	for (const step of stepsOf(place)) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
		value = (value as Record<string, unknown>)[step];
	}
	return value;
}

/** Puts a value at a place, making the objects on the way there. */
export function putAt(root: Record<string, unknown>, place: string, value: unknown): void {
	const steps = stepsOf(place);
	let target = root;
	for (const step of steps.slice(0, -1)) {
		if (!Object.hasOwn(target, step)) target[step] = {};
		target = target[step] as Record<string, unknown>;
	}
	target[steps.at(-1) ?? place] = value;
}
