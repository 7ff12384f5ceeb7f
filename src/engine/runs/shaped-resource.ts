import { referencesOf, syncedFields, type Entity, type EntityField } from '#src/entities/entity.ts';
import { canonical, isBelow, type Value } from '#src/sync/fields.ts';
import type { FieldCodec, Resource } from '../connectors/connector.ts';

/**
 * The resource with its fields as our entity has them, whatever its connector takes them for: those that point to records of
 * other entities, or to rows of a value table, known as such; those that tell records apart, those that are only sent, and
 * those that another application keeps, marked. What the database works out by itself, and what is ours alone, is not compared.
 */
export function shapedResource(entity: Entity, resource: Resource): Resource {
	const pointing = new Set(referencesOf(entity).map(({ field }) => field));
	const left = new Set(entity.fields.map(({ name }) => name));
	for (const { name } of syncedFields(entity)) left.delete(name);
	const described = new Map(entity.fields.map((field) => [field.name, field]));
	let same = true;
	const fields = resource.fields.flatMap((codec) => {
		if (left.has(codec.name)) {
			same = false;
			return [];
		}
		const field = described.get(codec.name);
		const shaped = shapedCodec(entity, pointing, field, codec);
		same &&= shaped === codec;
		return [shaped];
	});
	const isCreated = entity.comesFrom !== 'channel';
	if (same && isCreated) return resource;
	const { create, ...rest } = resource;
	return {
		...rest,
		...(create && isCreated && { create }),
		fields,
		get capabilities() {
			return resource.capabilities;
		}
	};
}

function shapedCodec(
	{ keyFields = [] }: Entity,
	pointing: ReadonlySet<string>,
	field: EntityField | undefined,
	codec: FieldCodec
): FieldCodec {
	const isReference = codec.type !== 'reference' && (pointing.has(codec.name) || codec.table !== undefined);
	const isKey = keyFields.includes(codec.name);
	const least = codec.negative ? undefined : field?.atLeast;
	const type = field?.type === 'lines' || field?.type === 'time' ? field.type : codec.type;
	if (
		!isReference &&
		!isKey &&
		!field?.latest &&
		!field?.confirm &&
		!field?.keptElsewhere &&
		least === undefined &&
		type === codec.type
	)
		return codec;
	return {
		...codec,
		type,
		...(isReference && { type: 'reference' as const }),
		...(isKey && { key: true as const }),
		...(field?.latest && { latest: true as const }),
		...(field?.confirm && { confirm: true as const }),
		...(field?.keptElsewhere && { keptElsewhere: true as const }),
		...(least !== undefined && { normal: (value: Value) => codec.normal(atLeast(least, value)) })
	};
}

function atLeast(least: string, value: Value): Value {
	return typeof value === 'string' && isBelow(value, least) ? canonical('decimal', least) : value;
}
