type Row = Readonly<Record<string, unknown>>;
type Test = (row: Row) => boolean;

/** The part of OData's filters that the presets use, as a test. Throws for anything else, and for a field that is not there. */
export function odataFilter(text: string): { test: Test; fields: ReadonlySet<string> } {
	const tokens = text.match(/'(?:[^']|'')*'|[(),]|[^\s(),]+/g) ?? [];
	const fields = new Set<string>();
	let at = 0;
	const next = () => tokens[at++] ?? '';
	const expect = (token: string) => {
		if (next() !== token) throw new Error(`"${token}" is missing in ${text}`);
	};
	const valueOf = (row: Row, field: string) => {
		if (!(field in row)) throw new Error(`no property ${field}`);
		return row[field];
	};
	const literal = () => next().replace(/^'|'$/g, '').replaceAll("''", "'");
	const factor = (): Test => {
		const first = next();
		if (first === '(') {
			const inner = any();
			expect(')');
			return inner;
		}
		if (first === 'contains') {
			expect('(');
			const field = next();
			fields.add(field);
			expect(',');
			const part = literal().toLowerCase();
			expect(')');
			return (row) =>
				String(valueOf(row, field) ?? '')
					.toLowerCase()
					.includes(part);
		}
		fields.add(first);
		const operator = next();
		const value = literal();
		if (operator === 'eq') return (row) => String(valueOf(row, first)) === value;
		if (operator === 'gt') return (row) => String(valueOf(row, first)) > value;
		if (operator === 'ge') return (row) => String(valueOf(row, first)) >= value;
		throw new Error(`no operator "${operator}"`);
	};
	const joined = (word: string, part: () => Test, how: (tests: Test[]) => Test) => (): Test => {
		const tests = [part()];
		while (tokens[at] === word) {
			at += 1;
			tests.push(part());
		}
		return how(tests);
	};
	const all = joined('and', factor, (tests) => (row) => tests.every((test) => test(row)));
	const any: () => Test = joined('or', all, (tests) => (row) => tests.some((test) => test(row)));
	const test = any();
	if (at < tokens.length) throw new Error(`too much in ${text}`);
	return { test, fields };
}
