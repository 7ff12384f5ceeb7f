import { sql, type SQL } from 'drizzle-orm';
import type { Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { idArray, textArray } from '#src/entities/record-store.ts';
import type { MatchEvidence } from '#src/sync/match-evidence.ts';
import { externalText, pairText, type PairKey } from '#src/sync/pair-key.ts';

export type NewSuggestion = PairKey & {
	score: number;
	evidence: readonly MatchEvidence[];
	ambiguous: boolean;
	best: boolean;
};

export type ReplaceSuggestionsInput = {
	channelId: string;
	entity: Entity;
	/** Every record whose suggestions were worked out anew; older ones of theirs are dropped. */
	internalIds: readonly string[];
	externalKeys: readonly { id: string; variant: string }[];
	/** What is suggested for them now; no pair is here twice. */
	suggestions: readonly NewSuggestion[];
};

type Known = PairKey & { id: string };

/**
 * What is suggested for these records from now on. Throws a unique violation where somebody else has just suggested one of the
 * pairs: a second try finds it.
 */
export async function replaceSuggestions(tx: Transaction, input: ReplaceSuggestionsInput): Promise<void> {
	const { suggestions } = input;
	const known = await holdAll(tx, await readKnown(tx, input));
	if (known.length === 0) return insert(tx, input, suggestions);
	const idOf = new Map(known.map((pair) => [pairText(pair), pair.id]));
	await drop(tx, input, known);
	await update(
		tx,
		suggestions.flatMap((one) => {
			const id = idOf.get(pairText(one));
			return id === undefined ? [] : [{ ...one, id }];
		})
	);
	await insert(
		tx,
		input,
		suggestions.filter((one) => !idOf.has(pairText(one)))
	);
}

/** What is suggested for these records so far; looked up record by record. */
async function readKnown(tx: Transaction, input: ReplaceSuggestionsInput): Promise<Known[]> {
	const found = (condition: SQL) => sql`
		select f.* from (
			select s.id::text as id, s.c_channel_id as channel_id, s.entity, s.internal_id::text as "internalId", s.external_id as "externalId",
				s.external_variant_id as "variantId"
			from c_channel_suggestion s where ${condition} offset 0
		) f where f.channel_id = ${input.channelId}::bigint and f.entity = ${input.entity.name}`;
	const internalIds = new Set(input.internalIds);
	for (const { internalId } of input.suggestions) internalIds.add(internalId);
	const externalIds = input.externalKeys.map(({ id }) => id);
	// By the record alone (`offset 0`): while there are but few suggestions, the planner would rather go through all of the channel's.
	const rows = await tx.execute<Known>(sql`
		${found(sql`s.internal_id = any(${idArray([...internalIds])}::bigint[])`)} union all
		${found(sql`s.external_id = any(${textArray(externalIds)}::text[])`)}`);
	return [...rows];
}

/** Those of these that are still there, so that nobody judges them meanwhile. */
async function holdAll(tx: Transaction, known: readonly Known[]): Promise<readonly Known[]> {
	if (known.length === 0) return known;
	const ids = idArray([...new Set(known.map(({ id }) => id))]);
	const held = await tx.execute<{ id: string }>(sql`
		select s.id::text as id from c_channel_suggestion s where s.id = any(${ids}::bigint[]) order by s.id for update`);
	const there = new Set(held.map(({ id }) => id));
	return known.filter(({ id }) => there.has(id));
}

/** Drops what was suggested for the considered records and is not any more. */
async function drop(tx: Transaction, input: ReplaceSuggestionsInput, known: readonly Known[]): Promise<void> {
	const kept = new Set(input.suggestions.map(pairText));
	const ours = new Set(input.internalIds);
	const theirs = new Set(
		input.externalKeys.map(({ id, variant }) => externalText({ externalId: id, variantId: variant }))
	);
	// Of a channel's record with variants, others than the considered ones were found as well.
	const isConsidered = (pair: PairKey) => ours.has(pair.internalId) || theirs.has(externalText(pair));
	const dropped = known.filter((pair) => isConsidered(pair) && !kept.has(pairText(pair))).map(({ id }) => id);
	if (dropped.length === 0) return;
	await tx.execute(sql`delete from c_channel_suggestion where id = any(${idArray([...new Set(dropped)])}::bigint[])`);
}

async function update(tx: Transaction, suggestions: readonly (NewSuggestion & { id: string })[]): Promise<void> {
	if (suggestions.length === 0) return;
	await tx.execute(sql`
		update c_channel_suggestion s set score = p.score, evidence = p.evidence::jsonb, ambiguous = p.ambiguous, best = p.best
		from (select unnest(${idArray(suggestions.map(({ id }) => id))}::bigint[]) as id, ${judgements(suggestions)}) p
		where s.id = p.id and (s.score, s.evidence, s.ambiguous, s.best) is distinct from (p.score, p.evidence::jsonb, p.ambiguous, p.best)`);
}

async function insert(
	tx: Transaction,
	{ channelId, entity }: ReplaceSuggestionsInput,
	suggestions: readonly NewSuggestion[]
): Promise<void> {
	if (suggestions.length === 0) return;
	const texts = (textOf: (one: NewSuggestion) => string) => sql`${textArray(suggestions.map(textOf))}::text[]`;
	await tx.execute(sql`
		insert into c_channel_suggestion (c_channel_id, entity, internal_id, external_id, external_variant_id, score, evidence, ambiguous, best)
		select ${channelId}::bigint, ${entity.name}, p.internal_id, p.external_id, p.variant_id, p.score, p.evidence::jsonb, p.ambiguous, p.best
		from (
			select unnest(${idArray(suggestions.map(({ internalId }) => internalId))}::bigint[]) as internal_id,
				unnest(${texts(({ externalId }) => externalId)}) as external_id, unnest(${texts(({ variantId }) => variantId)}) as variant_id,
				${judgements(suggestions)}
		) p`);
}

const lineEnd = '\n';

/** A row each, the evidence as text: JSON has no line end in it, and that of thousands is not read twice so. */
function judgements(suggestions: readonly NewSuggestion[]): SQL {
	const array = (valueOf: (one: NewSuggestion) => number | boolean) => `{${suggestions.map(valueOf).join(',')}}`;
	const evidence = suggestions.map((one) => JSON.stringify(one.evidence)).join(lineEnd);
	return sql`
		unnest(${array(({ score }) => score)}::int[]) as score, string_to_table(${evidence}::text, ${lineEnd}::text) as evidence,
		unnest(${array(({ ambiguous }) => ambiguous)}::boolean[]) as ambiguous, unnest(${array(({ best }) => best)}::boolean[]) as best`;
}
