import { FakeRefusal } from './fake-refusal.ts';

/** Decimals are kept as text. */
export function plainDecimal(value: unknown): unknown {
	return typeof value === 'object' && value !== null && 'decimal' in value ? value.decimal : value;
}

function stampText(value: unknown): unknown {
	if (typeof value !== 'object' || value === null || !('microsecond' in value)) return value;
	const part = (name: string, width: number) => String((value as Record<string, unknown>)[name]).padStart(width, '0');
	const day = `${part('year', 4)}-${part('month', 2)}-${part('day', 2)}`;
	return `${day}T${part('hour', 2)}:${part('minute', 2)}:${part('second', 2)}.${part('microsecond', 6)}Z`;
}

/** Whether a clause of a search holds for the value of a column. */
export function holds(left: unknown, operator: string, value: unknown): boolean {
	const right = plainDecimal(stampText(value));
	switch (operator) {
		case '=':
			return left === right;
		case '!=':
			return left !== right;
		case '>':
			return left !== null && (left as number) > (right as number);
		case '>=':
			return left !== null && (left as number) >= (right as number);
		case '<=':
			return left !== null && (left as number) <= (right as number);
		case 'in':
			return (right as unknown[]).includes(left);
		case 'like':
			return typeof left === 'string' && pattern(String(right), '').test(left);
		case 'ilike':
			return typeof left === 'string' && pattern(String(right), 'i').test(left);
		default:
			throw new FakeRefusal(`unknown operator ${operator}`, '');
	}
}

function pattern(like: string, flags: string): RegExp {
	const parts = like.match(/\\.|%|_|[^\\%_]+/gs) ?? [];
	const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	const source = parts.map((part) =>
		part === '%' ? '.*' : part === '_' ? '.' : quote(part.replace(/^\\(.)$/s, '$1'))
	);
	return new RegExp(`^${source.join('')}$`, `${flags}su`);
}
