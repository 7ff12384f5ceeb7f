import { referencesOf, type Entity, type EntityField } from '#src/entities/entity.ts';
import { isWritten, type SourceDescriptor } from '#src/entities/record-source.ts';
import { hostIndexes } from './host-indexes.ts';
import { announceFunctionName, hostTriggers } from './host-triggers.ts';
import type { HostFacts } from './host-facts.ts';
import { planned } from './plan.ts';

/** One thing that was looked at. `note`: it works, and the operator should know. `hint` says what to do. */
export type Finding = { what: string; result: 'ok' | 'wrong' | 'note'; detail: string; hint?: string };

const wholeNumbers = ['smallint', 'integer', 'bigint'];
const rowsWithoutIndexes = 50_000;

/** Compares a descriptor with what is in the database. */
export function check(entity: Entity, source: SourceDescriptor, facts: HostFacts): Finding[] {
	const { kind } = facts.relation ?? { kind: '' };
	const what = `${source.relation.schema}.${source.relation.name}`;
	if (kind !== 'r' && kind !== 'p') {
		const detail = facts.relation ? 'is no table' : 'is not there';
		return [{ what, result: 'wrong', detail, hint: 'Name a table as "relation": its rows are locked and compared.' }];
	}
	return [
		{ what, result: 'ok', detail: 'a table' },
		...checkKey(source, facts),
		...entity.fields.flatMap((field) => checkField(field, source, facts)),
		...checkReferences(entity, source, facts),
		...checkVersion(source, facts),
		...checkOthers(source, facts),
		...checkPlanned(entity, source, facts),
		...checkIndexes(entity, source, facts)
	];
}

function checkKey({ key }: SourceDescriptor, { columns, unique }: HostFacts): Finding[] {
	const what = `key ${key}`;
	const column = columns[key];
	if (!column) return [missing(what)];
	if (!wholeNumbers.includes(column.type))
		return [
			{
				what,
				result: 'wrong',
				detail: `is ${column.type}`,
				hint: 'A record is known by a whole number: name such a key.'
			}
		];
	if (unique.includes(key) && column.notNull) return [{ what, result: 'ok', detail: `${column.type}, unique` }];
	const detail = unique.includes(key) ? 'may be empty' : 'is not unique';
	return [{ what, result: 'wrong', detail, hint: 'Name a column that is a primary key, or unique and never empty.' }];
}

function checkField(field: EntityField, source: SourceDescriptor, { columns }: HostFacts): Finding[] {
	const given = source.fields[field.name];
	if (!given || !('column' in given)) return [];
	const what = `${field.name} from ${given.column}`;
	const column = columns[given.column];
	if (!column) return [missing(what)];
	if (!fits(field, column))
		return [
			{
				what,
				result: 'wrong',
				detail: `is ${column.type}, not ${wanted[field.type]}`,
				hint: 'Name a column of a type that fits.'
			}
		];
	if (field.required && !column.notNull)
		return [
			{ what, result: 'wrong', detail: 'may be empty', hint: 'Every record has one: name a column that is NOT NULL.' }
		];
	return [{ what, result: 'ok', detail: `${column.type}${isWritten(source, field.name) ? '' : ', never written'}` }];
}

const wanted: Readonly<Record<EntityField['type'], string>> = {
	text: 'text',
	decimal: 'numeric',
	boolean: 'boolean',
	reference: 'a whole number',
	time: 'timestamp with time zone',
	lines: 'a list of lines'
};

function fits({ type }: EntityField, column: { type: string; category: string }): boolean {
	if (type === 'boolean') return column.type === 'boolean';
	if (type === 'reference') return wholeNumbers.includes(column.type);
	if (type === 'time') return column.type === wanted.time;
	if (type === 'lines') return false;
	if (type === 'decimal') return [...wholeNumbers, 'numeric'].includes(column.type);
	return ['S', 'E'].includes(column.category) || [...wholeNumbers, 'uuid'].includes(column.type);
}

function checkReferences(entity: Entity, source: SourceDescriptor, { sources }: HostFacts): Finding[] {
	return referencesOf(entity)
		.filter(({ field, to }) => field in source.fields && !sources.includes(to))
		.map(({ field, to }) => ({
			what: field,
			result: 'note' as const,
			detail: `points to records of ${to} that are ours`,
			hint: `Where it holds keys of another table of the application, that table must be the source of ${to}.`
		}));
}

function checkVersion({ version }: SourceDescriptor, { columns, triggers }: HostFacts): Finding[] {
	if (version.kind !== 'rev') return [{ what: 'version', result: 'ok', detail: version.kind }];
	const what = `version ${version.column}`;
	const column = columns[version.column];
	if (!column) return [missing(what)];
	if (!wholeNumbers.includes(column.type) || !column.notNull)
		return [
			{
				what,
				result: 'wrong',
				detail: `is ${column.type}`,
				hint: 'A version is a whole number that is never empty; or use "content".'
			}
		];
	const moved = Object.keys(triggers).some((name) => !name.startsWith('cm_source_'));
	if (moved) return [{ what, result: 'ok', detail: column.type }];
	const detail = 'no trigger moves it';
	return [
		{ what, result: 'note', detail, hint: 'Each statement that changes a row must move it; if not, use "content".' }
	];
}

/** Columns that are named besides, and the function that writes. */
function checkOthers(source: SourceDescriptor, { columns, writer }: HostFacts): Finding[] {
	const { scope, updatedAt, write } = source;
	const names = [
		...scope.map(({ column }) => `scope ${column}`),
		...(updatedAt === null ? [] : [`updatedAt ${updatedAt}`])
	];
	const absent = names.filter((name) => !columns[name.slice(name.indexOf(' ') + 1)]).map((name) => missing(name));
	if (write.kind !== 'function') return absent;
	const what = `function ${write.schema}.${write.name}(bigint, jsonb)`;
	if (writer === 'bigint') return [...absent, { what, result: 'ok', detail: 'returns the key' }];
	const detail = writer === null ? 'is not there' : `returns ${writer}`;
	return [
		...absent,
		{ what, result: 'wrong', detail, hint: 'It takes key and columns, and returns the key as bigint.' }
	];
}

function checkPlanned(entity: Entity, source: SourceDescriptor, facts: HostFacts): Finding[] {
	const what = `view ${entity.recordTable}`;
	const { view, planned: done } = facts;
	if (view?.kind !== 'v' || !done)
		return [{ what, result: 'wrong', detail: 'is not there yet', hint: 'Have the plan run by the administrator.' }];
	const { fingerprint } = planned(entity, source);
	const again = 'Have the plan run again.';
	if (done.fingerprint !== fingerprint)
		return [{ what, result: 'wrong', detail: 'was made from another descriptor', hint: again }];
	if (view.comment !== `channel mapping ${fingerprint} ${view.hash}`)
		return [{ what, result: 'wrong', detail: 'is not what the plan made', hint: again }];
	const rights: Finding[] = view.allowed
		? []
		: [{ what, result: 'wrong', detail: 'may not be used by the role of this check', hint: again }];
	const written: Finding[] = view.written
		? []
		: [
				{ what: 'trigger cm_source_write', result: 'wrong', detail: `is missing on ${entity.recordTable}`, hint: again }
			];
	return [{ what, result: 'ok', detail: 'as planned' }, ...rights, ...written, ...checkTriggers(entity, source, facts)];
}

function checkTriggers(entity: Entity, { changes, relation }: SourceDescriptor, { triggers }: HostFacts): Finding[] {
	if (changes === 'sweep') {
		const hint = 'With "changes": "triggers" it is told at once.';
		return [{ what: 'changes', result: 'note', detail: 'a change is found within 24 hours, by the daily sweep', hint }];
	}
	return hostTriggers.map(([name]) => {
		const what = `trigger ${name}_${entity.recordTable}`;
		const calls = triggers[`${name}_${entity.recordTable}`];
		if (calls !== undefined && announceFunctionName(entity).endsWith(`"${calls}"`))
			return { what, result: 'ok', detail: 'on' };
		const detail = `is missing on ${relation.schema}.${relation.name}, or off`;
		return { what, result: 'wrong', detail, hint: 'Have the plan run again: until then changes are found once a day.' };
	});
}

function checkIndexes(entity: Entity, source: SourceDescriptor, { relation, indexes }: HostFacts): Finding[] {
	const rows = relation?.rows ?? 0;
	if (rows < rowsWithoutIndexes) return [];
	const lacking = hostIndexes(entity, source).filter(({ name }) => !indexes.includes(name));
	if (lacking.length === 0) return [{ what: 'indexes', result: 'ok', detail: `for ${rows} rows` }];
	const detail = `${lacking.map(({ name }) => name).join(', ')} missing, for ${rows} rows`;
	return [
		{ what: 'indexes', result: 'note', detail, hint: 'Part 2 of the plan makes them; leave out what others stand for.' }
	];
}

function missing(what: string): Finding {
	return {
		what,
		result: 'wrong',
		detail: 'there is no such column',
		hint: 'Check the spelling, in upper and lower case.'
	};
}
