import type { TriageField, TriageRow } from '#src/lib/components/triage-row.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Db } from '#src/db/client.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import type { SuggestionRow } from '#src/mappings/list-suggestions.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { suggestedFields, type SuggestedField } from '#src/mappings/suggested-fields.ts';
import { suggestionRows } from './suggestion-rows.ts';

const nearPercent = 60;

/** Suggestions with both records field by field; what they point to by code and name. */
export async function triageRows(db: Db, rows: readonly SuggestionRow[]): Promise<TriageRow[]> {
	const entities = await entitiesIn(db);
	const compared = rows.map((row) => ({ row, fields: suggestedFields(entities, row) }));
	const nameOf = await referenceNames(
		db,
		compared.flatMap(({ row, fields }) => fields.flatMap((field) => [oursOf(row, field), theirsOf(row, field)]))
	);
	const shown = suggestionRows(rows);
	return compared.flatMap(({ row, fields }, index) => {
		const head = shown[index];
		if (!head) return [];
		const { externalId, variantId, best } = row;
		const named = fields.map((field) => ({
			...field,
			ours: nameOf(oursOf(row, field)),
			theirs: nameOf(theirsOf(row, field))
		}));
		return [{ ...head, externalId, variantId, best, fields: named.map(inWords) }];
	});
}

const oursOf = ({ entity }: SuggestionRow, { name: field, ours }: SuggestedField) => ({
	entity,
	field,
	side: 'internal' as const,
	channelId: null,
	value: ours
});

const theirsOf = ({ entity, channelId }: SuggestionRow, { name: field, theirs }: SuggestedField) => ({
	entity,
	field,
	side: 'external' as const,
	channelId,
	value: theirs
});

function inWords({ evidence, notGtin, ...field }: SuggestedField): TriageField {
	return { ...field, ...judged(evidence, notGtin, field.ours === field.theirs) };
}

function judged(
	evidence: SuggestedField['evidence'],
	notGtin: boolean,
	same: boolean
): Pick<TriageField, 'mark' | 'said'> {
	if (evidence?.kind === 'equal') return { mark: 'equal', said: m.triage_equal() };
	if (evidence?.kind === 'linked') return { mark: 'equal', said: m.triage_linked() };
	if (evidence?.kind === 'respelled') return { mark: 'respelled', said: m.triage_respelled() };
	if (evidence) {
		const percent = evidence.percent ?? 0;
		if (same) return { mark: 'near', said: m.triage_equal() };
		const said = evidence.kind === 'ratio' ? m.triage_ratio({ percent }) : m.triage_alike({ percent });
		return { mark: percent >= nearPercent ? 'near' : 'far', said };
	}
	return notGtin ? { mark: 'no-code', said: m.triage_no_gtin() } : { mark: null, said: null };
}
