import { canonical, momentText, type Fields, type FieldType, type Value } from './fields.ts';

/** What a condition says about a field. Written text counts: "NH" and "nh" differ. */
export type ScopeOperator =
	'is' | 'is-not' | 'starts-with' | 'contains' | 'is-empty' | 'is-not-empty' | 'greater' | 'less';

/** `value` is '' where the operator takes none. A reference is named by its raw id on the side that the condition is about. */
export type ScopeCondition = { field: string; type: FieldType; operator: ScopeOperator; value: string };

/** Which records of one side take part: those for which every condition holds. */
export type Scope = readonly ScopeCondition[];

/** The scope of a channel and entity, by side; a side without one takes part whole. */
export type SideScopes = { internal?: Scope | undefined; external?: Scope | undefined };

export type ScopeSide = 'internal' | 'external';

const operatorsByType: Readonly<Record<FieldType, readonly ScopeOperator[]>> = {
	text: ['is', 'is-not', 'starts-with', 'contains', 'is-empty', 'is-not-empty'],
	decimal: ['is', 'is-not', 'greater', 'less', 'is-empty', 'is-not-empty'],
	boolean: ['is', 'is-not'],
	reference: ['is', 'is-not', 'is-empty', 'is-not-empty'],
	time: ['greater', 'less', 'is-empty', 'is-not-empty'],
	lines: ['is-empty', 'is-not-empty']
};

/** Operators that can be asked of a field of this type, in the order of the screen. */
export function scopeOperatorsOf(type: FieldType): readonly ScopeOperator[] {
	return operatorsByType[type];
}

/** Whether a condition with this operator names no value. */
export function takesNoValue(operator: ScopeOperator): boolean {
	return operator === 'is-empty' || operator === 'is-not-empty';
}

/**
 * Whether a record takes part. A field that the record does not have counts as empty. The SQL functions `cm_holds` and
 * `cm_in_scope` say the same for every value.
 */
export function inScope(fields: Fields, scope: Scope | undefined): boolean {
	return scope === undefined || scope.every((condition) => holds(condition, fields[condition.field] ?? null));
}

/** The scopes with a start: of the channel's records only those that began after this moment take part. One that is said already stays. */
export function startingAt(scopes: SideScopes, began: string, moment: string): SideScopes {
	const said = scopes.external ?? [];
	if (said.some(({ field }) => field === began)) return scopes;
	return { ...scopes, external: [...said, { field: began, type: 'time', operator: 'greater', value: moment }] };
}

/** Whether the same records take part by both. */
export function sameScopes(one: SideScopes, other: SideScopes): boolean {
	const said = (scope: Scope = []) => scope.map(({ field, type, operator, value }) => [field, type, operator, value]);
	const both = ({ internal, external }: SideScopes) => JSON.stringify([said(internal), said(external)]);
	return both(one) === both(other);
}

/** Whether a condition can be asked of a field of its type, and names a value that it can be compared with. */
export function isScopeCondition({ type, operator, value }: ScopeCondition): boolean {
	if (!operatorsByType[type].includes(operator)) return false;
	if (takesNoValue(operator)) return value === '';
	if (type === 'boolean') return value === 'true' || value === 'false';
	if (type === 'time') return momentOf(value) !== null;
	return type === 'decimal' ? decimalOf(value) !== null : textOf(value) !== null;
}

function holds({ type, operator, value }: ScopeCondition, found: Value): boolean {
	switch (operator) {
		case 'is-empty':
			return textOf(found) === null;
		case 'is-not-empty':
			return textOf(found) !== null;
		case 'starts-with':
			return textOf(found)?.startsWith(textOf(value) ?? '') ?? false;
		case 'contains':
			return textOf(found)?.includes(textOf(value) ?? '') ?? false;
		case 'greater':
			return compare(type, found, value) === 1;
		case 'less':
			return compare(type, found, value) === -1;
		case 'is':
			return isSame(type, found, value);
		case 'is-not':
			return !isSame(type, found, value);
	}
}

function isSame(type: FieldType, found: Value, wanted: string): boolean {
	if (found === null) return false;
	if (type === 'decimal') return compareDecimals(found, wanted) === 0;
	if (type === 'boolean') return canonical('boolean', found) === canonical('boolean', wanted);
	const text = textOf(found);
	return text !== null && text === textOf(wanted);
}

function textOf(value: Value): string | null {
	return value === null ? null : (canonical('text', value) as string | null);
}

const longestDecimal = 1000;

/** The number as plain decimal text; null where it is none, or longer than anybody means. */
function decimalOf(value: Value): string | null {
	const text = value === null ? '' : String(value).trim();
	const isNumber = text.length <= longestDecimal && /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text);
	return isNumber ? (canonical('decimal', text) as string | null) : null;
}

function momentOf(value: Value): string | null {
	return value === null ? null : momentText(String(value).trim());
}

function compare(type: FieldType, found: Value, wanted: string): -1 | 0 | 1 | null {
	if (type !== 'time') return compareDecimals(found, wanted);
	const [one, other] = [momentOf(found), momentOf(wanted)];
	if (one === null || other === null) return null;
	return one < other ? -1 : one > other ? 1 : 0;
}

/** -1, 0 or 1 as for a sort, exact at any length; null where one of the two is no number. */
function compareDecimals(found: Value, wanted: string): -1 | 0 | 1 | null {
	const [one, other] = [decimalOf(found), decimalOf(wanted)];
	if (one === null || other === null) return null;
	const digits = Math.max(fractionOf(one).length, fractionOf(other).length);
	const [left, right] = [unitsOf(one, digits), unitsOf(other, digits)];
	return left < right ? -1 : left > right ? 1 : 0;
}

function unitsOf(decimal: string, digits: number): bigint {
	const units = BigInt(decimal.replace(/^-/, '').replace(/\..*$/, '') + fractionOf(decimal).padEnd(digits, '0'));
	return decimal.startsWith('-') ? -units : units;
}

function fractionOf(decimal: string): string {
	return decimal.split('.')[1] ?? '';
}
