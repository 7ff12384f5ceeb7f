import { sql, type SQL } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { fieldValue } from '#src/entities/record-store.ts';
import { entitiesIn } from '#src/store/custom-fields.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';
import { externalJson, type External } from './external.ts';
import { isId } from './identifier.ts';
import { emptyPage, keyset, type Keyed, type Page, type PageInput } from './keyset.ts';

export type SuggestionRow = {
	id: string;
	channelId: string;
	channelName: string;
	entity: string;
	internalId: string;
	internal: { value: string; name: string; fields: Fields } | null;
	externalId: string;
	variantId: string;
	external: External | null;
	/** 100 = the code is equal. */
	score: number;
	evidence: MatchEvidence[];
	ambiguous: boolean;
	/** The one to look at first of its two records. */
	best: boolean;
	createdAt: string;
};

export type ListSuggestionsInput = PageInput & {
	channelId?: string | null;
	entity?: string | null;
	ambiguous?: boolean | null;
	/** Only those with a score of 100 whose two records are in no other suggestion. */
	exact?: boolean;
};

/** Pairs that are probably the same thing, best first. */
export async function listSuggestions(db: Db, input: ListSuggestionsInput): Promise<Page<SuggestionRow>> {
	const { channelId, entity, ambiguous, exact = false } = input;
	if (channelId && !isId(channelId)) return emptyPage();
	const name = `suggestions ${channelId ?? ''} ${entity ?? ''} ${ambiguous ?? ''} ${exact}`;
	const sort = [
		{ column: sql`s.score`, type: 'int' as const, descending: true },
		{ column: sql`s.id`, type: 'bigint' as const }
	];
	const keys = keyset(name, sort, input);
	const rows = await db.execute<SuggestionRow & Keyed>(sql`
		select s.id::text as id, s.c_channel_id::text as "channelId", c.name as "channelName", s.entity, s.internal_id::text as "internalId",
			${internalJson(await entitiesIn(db))} as internal, s.external_id as "externalId", s.external_variant_id as "variantId", ${externalJson('x')} as external,
			s.score, s.evidence, s.ambiguous, s.best, cm_iso(s.created_at) as "createdAt", ${keys.key} as "cursorKey"
		from (
			select s.* from c_channel_suggestion s
			where ${channelId ? sql`s.c_channel_id = ${channelId}::bigint` : sql`true`} and ${entity ? sql`s.entity = ${entity}` : sql`true`}
				and ${typeof ambiguous === 'boolean' ? sql`s.ambiguous = ${ambiguous}` : sql`true`} and ${exact ? sql`s.score = 100 and not s.ambiguous` : sql`true`} and ${keys.where}
			order by ${keys.orderBy} limit ${keys.limit}
		) s
		join c_channel c on c.id = s.c_channel_id
		left join c_channel_record x on x.c_channel_id = s.c_channel_id and x.entity = s.entity and x.external_id = s.external_id
			and x.external_variant_id = s.external_variant_id
		order by ${keys.orderBy}`);
	return keys.page(rows);
}

/** The record of ours that `s` names, whatever its entity, as JSON with decimals as text. */
function internalJson(entities: readonly Entity[]): SQL {
	const cases = entities.map(
		(entity) =>
			sql`when ${entity.name} then (select jsonb_build_object('value', r.value, 'name', r.name, 'fields', ${fieldsJson(entity)})
			from ${sql.identifier(entity.recordTable)} r where r.id = s.internal_id)`
	);
	return sql`case s.entity ${sql.join(cases, sql` `)} end`;
}

/** A function of PostgreSQL takes 100 arguments at most. */
const pairsAtOnce = 40;

function fieldsJson({ fields }: Entity): SQL {
	const pairs = fields.map((field) => sql`${field.name}::text, ${fieldValue(field, 'r')}`);
	const parts: SQL[] = [];
	for (let at = 0; at < pairs.length; at += pairsAtOnce)
		parts.push(sql`jsonb_build_object(${sql.join(pairs.slice(at, at + pairsAtOnce), sql`, `)})`);
	return sql.join(parts, sql` || `);
}
