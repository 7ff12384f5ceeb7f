import { FakeRefusal } from './fake-refusal.ts';

/** One selected field, or the fields under "... on Type". */
export type Selection = {
	field: string;
	alias: string;
	args: Readonly<Record<string, unknown>>;
	/** Type of a fragment; '' for a field. */
	on: string;
	inner: readonly Selection[];
};

const invalid = (what: string) => new FakeRefusal('GRAPHQL_VALIDATION_FAILED', what, 400);

/** The fields that a document with one operation asks for, variables filled in. Enough of GraphQL for our own documents. */
export function selectionsOf(document: string, variables: Readonly<Record<string, unknown>>): readonly Selection[] {
	const tokens = document.match(/\.\.\.|\$?[A-Za-z_]\w*|"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?|[{}()[\]:!=]/g) ?? [];
	let at = 0;
	const next = () => tokens[at++] ?? '';
	const expectToken = (token: string) => {
		if (next() !== token) throw new FakeRefusal('GRAPHQL_PARSE_FAILED', `Syntax Error: Expected "${token}".`, 400);
	};

	function value(): unknown {
		const token = next();
		if (token.startsWith('$')) return variables[token.slice(1)];
		if (token === '[') return listOf(']', value);
		if (token === '{') return Object.fromEntries(listOf('}', pair));
		if (/^["\d-]/.test(token)) return JSON.parse(token);
		return { true: true, false: false, null: null }[token] ?? token;
	}

	function pair(): [string, unknown] {
		const name = next();
		expectToken(':');
		return [name, value()];
	}

	function listOf<Part>(end: string, part: () => Part): Part[] {
		const parts: Part[] = [];
		while (tokens[at] !== end) {
			if (at >= tokens.length) expectToken(end);
			parts.push(part());
		}
		at += 1;
		return parts;
	}

	function selection(): Selection {
		const first = next();
		if (first === '...') {
			expectToken('on');
			return { field: '', alias: '', args: {}, on: next(), inner: selectionSet() };
		}
		const renamed = tokens[at] === ':';
		if (renamed) at += 1;
		const field = renamed ? next() : first;
		let args = {};
		if (tokens[at] === '(') {
			at += 1;
			args = Object.fromEntries(listOf(')', pair));
		}
		return { field, alias: first, args, on: '', inner: tokens[at] === '{' ? selectionSet() : [] };
	}

	function selectionSet(): readonly Selection[] {
		expectToken('{');
		return listOf('}', selection);
	}

	// "query Name($variable: Type!)": the types are checked by the real server's tests.
	while (at < tokens.length && tokens[at] !== '{') at += 1;
	return selectionSet();
}

/** The part of `value` that was asked for. A function in it is called with the arguments of its field. */
export function projected(value: unknown, selections: readonly Selection[]): unknown {
	if (Array.isArray(value)) return value.map((each) => projected(each, selections));
	if (typeof value !== 'object' || value === null || selections.length === 0) return value;
	const object = value as Record<string, unknown>;
	const type = String(object['__typename'] ?? '');
	const fields = selections.flatMap(({ field, alias, args, on, inner }): [string, unknown][] => {
		if (on !== '') return on === type || isKindOf(type, on) ? Object.entries(projected(value, inner) as object) : [];
		if (!(field in object)) throw invalid(`Cannot query field "${field}" on type "${type}".`);
		const found = object[field];
		return [
			[alias, projected(typeof found === 'function' ? (found as (args: object) => unknown)(args) : found, inner)]
		];
	});
	return Object.fromEntries(fields);
}

function isKindOf(type: string, on: string): boolean {
	return (
		(on === 'ErrorResult' && type.endsWith('Error')) || (on === 'CustomField' && type.endsWith('CustomFieldConfig'))
	);
}
