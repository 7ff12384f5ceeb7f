import { FakeRefusal } from './fake-refusal.ts';

/** A row of a fake table. Stamps are milliseconds; those of a create have a fraction, as in a database with microseconds. */
export type FakeRow = { id: number; createdAt: number; updatedAt: number; deletedAt: number | null };

type Options = {
	filter?: Readonly<Record<string, unknown>>;
	sort?: Readonly<Record<string, 'ASC' | 'DESC'>>;
	skip?: number;
	take?: number;
};

const takeMost = 1000;

/** What a list of the Admin API answers: rows that are not deleted, filtered, sorted and cut. */
export function listed<Row extends FakeRow>(
	rows: Iterable<Row>,
	{ filter = {}, sort = {}, skip = 0, take = takeMost }: Options,
	valueOf: (row: Row, field: string) => readonly unknown[]
): { items: Row[]; totalItems: number } {
	if (take > takeMost)
		throw new FakeRefusal('USER_INPUT_ERROR', `Cannot take more than ${takeMost} results from a list query`);
	const found = [...rows].filter((row) => row.deletedAt === null && meets(row, filter, valueOf));
	found.sort((left, right) => {
		for (const [field, order] of Object.entries(sort)) {
			const by = Number(valueOf(left, field)[0]) - Number(valueOf(right, field)[0]);
			if (by !== 0) return order === 'DESC' ? -by : by;
		}
		return left.id - right.id;
	});
	return { items: found.slice(skip, skip + take), totalItems: found.length };
}

function meets<Row>(
	row: Row,
	filter: Readonly<Record<string, unknown>>,
	valueOf: (row: Row, field: string) => readonly unknown[]
): boolean {
	return Object.entries(filter).every(([field, condition]) => {
		if (field === '_or')
			return (condition as Readonly<Record<string, unknown>>[]).some((each) => meets(row, each, valueOf));
		const values = valueOf(row, field);
		const operators = Object.entries(condition as Readonly<Record<string, unknown>>);
		return operators.every(([operator, operand]) => values.some((value) => holds(value, operator, operand)));
	});
}

function holds(value: unknown, operator: string, operand: unknown): boolean {
	switch (operator) {
		case 'eq':
			return String(value) === operand;
		case 'in':
			return (operand as unknown[]).includes(String(value));
		case 'contains':
			return typeof value === 'string' && likePattern(String(operand)).test(value);
		case 'after':
			return Number(value) > Date.parse(String(operand));
		default:
			throw new FakeRefusal('BAD_USER_INPUT', `Field "${operator}" is not defined by type.`, 400);
	}
}

/** PostgreSQL's ILIKE, which Vendure hands the text to as it is. */
function likePattern(text: string): RegExp {
	const parts = text.match(/\\.|%|_|[^\\%_]+/gs) ?? [];
	const quote = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	return new RegExp(
		parts.map((part) => ({ '%': '.*', _: '.' })[part] ?? quote(part.replace(/^\\(.)$/s, '$1'))).join(''),
		'isu'
	);
}
