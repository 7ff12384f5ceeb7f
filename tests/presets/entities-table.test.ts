import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { initialPolicy, syncedFields, type Entity, type EntityField } from '#src/entities/entity.ts';
import { entities } from '#src/entities/registry.ts';
import { isPointing } from '#src/sync/reference.ts';

const doc = readFileSync(new URL('../../docs/rest-connector.md', import.meta.url), 'utf8');
const ordinals = ['1st', '2nd', '3rd'];

function holds({ type, to, maxLength }: EntityField): string {
	if (type === 'lines') return `lines, each with a reference to \`${to}\``;
	if (isPointing(type)) return `reference to \`${to}\``;
	return maxLength === undefined ? type : `${type}, at most ${maxLength}`;
}

function matchedBy(entity: Entity, { name }: EntityField): string {
	if (entity.keyFields?.includes(name)) return 'together';
	return ordinals[entity.matchKeys.indexOf(name)] ?? '';
}

function startsAs(entity: Entity, { name, latest }: EntityField): string {
	if (latest) return 'only sent';
	const direction = initialPolicy(entity).fields[name]?.direction ?? 'both';
	return { both: '', 'to-channel': 'only sent', 'from-channel': 'only received', off: 'off' }[direction];
}

/** What the table must say, a row for each field. */
function rowsOf(entity: Entity): string[][] {
	return syncedFields(entity).map((field, index) => [
		index === 0 ? `\`${entity.name}\`` : '',
		`\`${field.name}\``,
		field.label,
		holds(field),
		field.required ? 'yes' : '',
		matchedBy(entity, field),
		startsAs(entity, field)
	]);
}

/** The rows of the table under a heading. */
function tableUnder(heading: string): string[][] {
	const [section = ''] = (doc.split(`\n${heading}\n`)[1] ?? '').split(/\n#+ /);
	const lines = section.split('\n').filter((line) => line.startsWith('|'));
	return lines.slice(2).map((line) =>
		line
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim())
	);
}

it('the table of our entities and fields is that of the registry', () => {
	expect(tableUnder('### Our entities and fields')).toEqual(entities.flatMap(rowsOf));
});
