import type { Entity } from '#src/entities/entity.ts';
import { compareSides } from '#src/mappings/compare-sides.ts';
import type { LinkDetail } from '#src/mappings/read-link.ts';
import type { NameOf, ShownValue } from '#src/mappings/reference-names.ts';
import type { FieldView } from './link-view.ts';
import type { LiveLook } from './live-look.server.ts';

/** The comparison of a link, with what would happen now where the channel could be asked. */
export function fieldViews(
	entity: Entity,
	link: LinkDetail,
	look: Extract<LiveLook, { ok: true }> | null
): FieldView[] {
	const internal = link.internal?.fields ?? {};
	const external = look?.external ?? link.external?.fields ?? {};
	const compared = compareSides(entity.fields, {
		internal,
		external,
		baseInternal: link.baseInternal,
		baseExternal: link.baseExternal
	});
	return compared.map(({ differs, ...field }) => {
		const reason = look?.reasons.find((each) => each.field === field.name);
		return {
			...field,
			sending: link.pendingWrite?.attempts.at(-1)?.external[field.name],
			verdict: reason?.verdict ?? (look ? '' : differs ? 'differs' : 'agree'),
			rule: reason?.rule ?? 'equal'
		};
	});
}

const sides = {
	ours: 'internal',
	base: 'internal',
	theirs: 'external',
	baseTheirs: 'external',
	sending: 'external'
} as const;
const columns = Object.keys(sides) as (keyof typeof sides)[];

/** What the values of a link's page may point to. */
export function pointing(entity: string, link: LinkDetail, fields: readonly FieldView[]): ShownValue[] {
	const { channelId } = link;
	const conflicts = [...link.conflicts, ...link.settled];
	return [
		...fields.flatMap((field) =>
			columns.map((column) => ({ entity, field: field.name, side: sides[column], channelId, value: field[column] }))
		),
		...conflicts.flatMap(({ field, internal, external, base }) => [
			{ entity, field, side: 'internal' as const, channelId, value: internal },
			{ entity, field, side: 'internal' as const, channelId, value: base },
			{ entity, field, side: 'external' as const, channelId, value: external }
		])
	];
}

/** The views with what references point to by name. */
export function namedViews(
	nameOf: NameOf,
	entity: string,
	channelId: string,
	fields: readonly FieldView[]
): FieldView[] {
	return fields.map((field) => {
		const named = (column: keyof typeof sides) =>
			nameOf({ entity, field: field.name, side: sides[column], channelId, value: field[column] });
		return { ...field, ...Object.fromEntries(columns.map((column) => [column, named(column)])) };
	});
}
