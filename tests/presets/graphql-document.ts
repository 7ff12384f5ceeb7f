/** One field of a selection: `name` as the server knows it, shown under `alias`. */
export type Selected = { alias: string; name: string; args: string; fields: readonly Selected[] };

/** The first operation of a document. Throws for what is no document of the kind that presets hold. */
export function parseDocument(text: string): {
	kind: string;
	variables: readonly string[];
	fields: readonly Selected[];
} {
	const tokens = text.match(/"(?:[^"\\]|\\.)*"|\.\.\.|\$?\w+|[!(){}:[\],]/g) ?? [];
	let at = 0;
	const expect = (token: string) => {
		if (tokens[at] !== token) throw new Error(`"${token}" is missing at token ${at} of ${text}`);
		at += 1;
	};
	/** What stands in parentheses, with variables and literals as they are. */
	const inParentheses = () => {
		if (tokens[at] !== '(') return '';
		const start = at;
		for (let depth = 0; ; at += 1) {
			if (tokens[at] === undefined) throw new Error('a parenthesis does not end');
			if (tokens[at] === '(') depth += 1;
			if (tokens[at] === ')' && (depth -= 1) === 0) break;
		}
		at += 1;
		return tokens.slice(start + 1, at - 1).join(' ');
	};
	const selection = (): Selected[] => {
		expect('{');
		const fields: Selected[] = [];
		while (tokens[at] !== '}') {
			if (tokens[at] === '...') {
				at += 3;
				fields.push(...selection());
				continue;
			}
			const first = tokens[at++] ?? '';
			const isAlias = tokens[at] === ':';
			const name = isAlias ? (tokens[(at += 2) - 1] ?? '') : first;
			if (!/^\w+$/.test(name)) throw new Error(`"${name}" is no field`);
			const args = inParentheses();
			fields.push({ alias: first, name, args, fields: tokens[at] === '{' ? selection() : [] });
		}
		expect('}');
		return fields;
	};
	const kind = tokens[at++] ?? '';
	at += 1;
	const variables = inParentheses().match(/\$\w+/g) ?? [];
	const fields = selection();
	const used = text.slice(text.indexOf('{'));
	for (const variable of variables) if (!used.includes(variable)) throw new Error(`${variable} is never used`);
	return { kind, variables: variables.map((name) => name.slice(1)), fields };
}

/** What a selection shows of a value. Throws for a field that the value does not have. */
export function project(value: unknown, fields: readonly Selected[]): unknown {
	if (Array.isArray(value)) return value.map((one) => project(one, fields));
	if (typeof value !== 'object' || value === null || fields.length === 0) return value;
	const shown = fields.map(({ alias, name, args, fields: inner }) => {
		const found = (value as Record<string, unknown>)[name];
		if (found === undefined) throw new Error(`Field '${name}' doesn't exist`);
		const member: unknown = typeof found === 'function' ? (found as (args: string) => unknown)(args) : found;
		return [alias, project(member, inner)];
	});
	return Object.fromEntries(shown);
}
