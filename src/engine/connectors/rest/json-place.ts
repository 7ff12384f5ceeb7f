/** One step of a place: a property, or the element of a list that has this text or number at that property. */
type Step = string | { key: string; is: string; isNumber: boolean };

/** The steps to a place: a plain property name, or a JSON pointer when it begins with a slash. "" is the whole. */
function stepsOf(place: string): readonly Step[] {
	if (place === '') return [];
	if (!place.startsWith('/')) return [place];
	return place.slice(1).split('/').map(stepOf);
}

function stepOf(text: string): Step {
	const plain = text.replaceAll('~1', '/').replaceAll('~0', '~');
	const [, key, quoted, bare] = /^\[([^=\]]+)=(?:'(.*)'|(.*))\]$/.exec(plain) ?? [];
	const is = quoted ?? bare;
	if (key === undefined || is === undefined) return plain;
	return { key, is, isNumber: quoted === undefined && /^-?\d{1,15}$/.test(is) };
}

/**
 * The value at a place; undefined where any step is missing. Looks at own properties only. Where a list is there but
 * has no such element, the value is null: the list tells that there is none.
 */
export function valueAt(root: unknown, place: string): unknown {
	let value: unknown = root;
	for (const step of stepsOf(place)) {
		if (typeof value !== 'object' || value === null) return undefined;
		if (typeof step === 'object') {
			if (!Array.isArray(value)) return undefined;
			const found: unknown = value.find((element) => isElement(element, step));
			if (found === undefined) return null;
			value = found;
		} else {
			if (!Object.hasOwn(value, step)) return undefined;
			value = (value as Record<string, unknown>)[step];
		}
	}
	return value;
}

/**
 * As `valueAt`, inside a record: where an object on the way is null, so is what it would hold.
 */
export function memberAt(record: unknown, place: string): unknown {
	const value = valueAt(record, place);
	if (value !== undefined || !place.startsWith('/')) return value;
	const outer = place.slice(0, place.lastIndexOf('/'));
	return outer !== '' && memberAt(record, outer) === null ? null : undefined;
}

function isElement(element: unknown, { key, is }: { key: string; is: string }): boolean {
	if (typeof element !== 'object' || element === null || !Object.hasOwn(element, key)) return false;
	const value = (element as Record<string, unknown>)[key];
	return String(isNumber(value) ? value.text : value) === is;
}

/** A number as it was written, see parse-json.ts. */
function isNumber(value: unknown): value is { text: string } {
	return typeof value === 'object' && value !== null && 'text' in value;
}

/** Puts a value at a place, making the objects, and the elements of lists, on the way there. */
export function putAt(root: Record<string, unknown>, place: string, value: unknown): void {
	const steps = stepsOf(place);
	let target: Record<string, unknown> | unknown[] = root;
	for (const [at, step] of steps.entries()) {
		if (at === steps.length - 1 && typeof step === 'string') (target as Record<string, unknown>)[step] = value;
		else target = enter(target, step, typeof steps[at + 1] === 'object' ? [] : {});
	}
}

function enter(target: Record<string, unknown> | unknown[], step: Step, made: Record<string, unknown> | unknown[]) {
	if (typeof step === 'object') {
		const list = target as unknown[];
		let element = list.find((each) => isElement(each, step));
		if (element === undefined) list.push((element = { [step.key]: step.isNumber ? Number(step.is) : step.is }));
		return element as Record<string, unknown>;
	}
	const object = target as Record<string, unknown>;
	if (!Object.hasOwn(object, step)) object[step] = made;
	return object[step] as Record<string, unknown> | unknown[];
}
