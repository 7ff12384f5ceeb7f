/**
 * The line (from 1) on which a place of a JSON text begins, such as `entities.product.fields.3.as`. Of a place that is
 * not there, the line of the innermost that is; null where not even the first step is. The text must be valid JSON.
 */
export function lineOfPath(text: string, path: string): number | null {
	const steps = path.split('.');
	let best: { depth: number; at: number } | null = null;
	for (const { keys, at } of placesIn(text)) {
		const depth = keys.length;
		if (depth > steps.length || depth <= (best?.depth ?? 0)) continue;
		if (keys.every((key, index) => key === steps[index])) best = { depth, at };
	}
	return best === null ? null : text.slice(0, best.at).split('\n').length;
}

type Container = { isList: boolean; key: string; expectsKey: boolean };

/** Every place of a JSON text with the offset at which it begins: its key in an object, its value in a list. */
function* placesIn(text: string): Generator<{ keys: readonly string[]; at: number }> {
	const open: Container[] = [];
	const keys = () => open.map(({ key }) => key);
	const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
	for (const { 0: token, index } of text.matchAll(tokens)) {
		const inner = open.at(-1);
		if (inner?.expectsKey && token.startsWith('"')) {
			inner.key = JSON.parse(token) as string;
			inner.expectsKey = false;
			yield { keys: keys(), at: index };
		} else if (token === ',') {
			if (inner?.isList) inner.key = String(Number(inner.key) + 1);
			else if (inner) inner.expectsKey = true;
		} else if (token === '}' || token === ']') open.pop();
		else if (token !== ':') {
			if (inner?.isList) yield { keys: keys(), at: index };
			if (token === '{' || token === '[') {
				const isList = token === '[';
				open.push({ isList, key: isList ? '0' : '', expectsKey: !isList });
			}
		}
	}
}
