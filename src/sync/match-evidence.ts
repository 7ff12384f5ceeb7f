import type { Fields, Value } from './fields.ts';
import { matchCode } from './match-code.ts';
import { nameField, type MatchGroup, type MatchKey } from './match-groups.ts';
import { nameSimilarity } from './name-similarity.ts';

/**
 * One thing that speaks for (or against) a pair, as both sides write it. `equal` and `respelled`: a code. `alike`: the names,
 * with how alike they are. `ratio`: the prices, the lower as a share of the higher. `linked`: both point to the two records of
 * one link, by the id of each side.
 */
export type MatchEvidence = {
	field: string;
	kind: 'equal' | 'respelled' | 'alike' | 'ratio' | 'linked';
	internal: string;
	external: string;
	/** 0 to 100, of `alike` and `ratio`. */
	percent?: number;
};

const priceField = 'price';
const currencyField = 'currency';
/** From here on two names are alike. */
const alikePercent = 60;

/** The fields of a record that matching looks at. */
export function matchedFields(matchKeys: readonly string[]): string[] {
	return [...new Set([...matchKeys, nameField, priceField, currencyField])];
}

/** A record's fields, and its codes in the order of the match keys: null where it has none. */
export type Coded = { fields: Fields; codes: readonly (string | null)[] };

/** A record with the codes that it has. */
export function coded<One extends { fields: Fields }>(matchKeys: readonly string[], one: One): One & Coded {
	return { ...one, codes: matchKeys.map((field) => codeOf(field, one.fields[field] ?? null)) };
}

/** Codes that agree, strongest first, then how alike the names and how near the prices are, where both sides have them. */
export function evidenceOf(matchKeys: readonly string[], ours: Coded, theirs: Coded): MatchEvidence[] {
	const codes = matchKeys.flatMap((field, at): MatchEvidence[] => {
		const code = ours.codes[at] ?? null;
		if (code === null || code !== theirs.codes[at]) return [];
		const internal = String(ours.fields[field]);
		const external = String(theirs.fields[field]);
		const kind = internal.trim() === external.trim() ? 'equal' : 'respelled';
		// A dot or a dash makes another mailbox.
		if (field === 'email' && internal.trim().toLowerCase() !== external.trim().toLowerCase()) return [];
		return [{ field, kind, internal, external }];
	});
	return [...codes, ...nameEvidence(ours.fields, theirs.fields), ...priceEvidence(ours.fields, theirs.fields)];
}

/** Whether everything a group asks for is among the evidence. */
export function groupHolds(group: MatchGroup, evidence: readonly MatchEvidence[]): boolean {
	return group.every((key) => evidence.some((piece) => keyHolds(key, piece)));
}

function keyHolds({ field, how }: MatchKey, piece: MatchEvidence): boolean {
	if (piece.field !== field) return false;
	if (how === 'alike') return piece.kind === 'alike' && (piece.percent ?? 0) >= alikePercent;
	return piece.kind === 'equal' || (how === 'respelled' && piece.kind === 'respelled');
}

/** A value as a code to compare; null where it identifies nothing. */
export function codeOf(field: string, value: Value): string | null {
	if (field === 'gtin' && (typeof value !== 'string' || !isGtin(value))) return null;
	return matchCode(value);
}

/** Whether a text is a GTIN-8, -12, -13 or -14 with the right check digit (and not all zeros). Signs in between do not count. */
export function isGtin(text: string): boolean {
	const code = matchCode(text) ?? '';
	if (!/^(\d{8}|\d{12,14})$/.test(code) || /^0+$/.test(code)) return false;
	const sum = [...code]
		.toReversed()
		.reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
	return sum % 10 === 0;
}

function nameEvidence(ours: Fields, theirs: Fields): MatchEvidence[] {
	const likeness = nameSimilarity(ours[nameField] ?? null, theirs[nameField] ?? null);
	if (likeness === null) return [];
	const [internal, external] = [String(ours[nameField]), String(theirs[nameField])];
	return [{ field: nameField, kind: 'alike', internal, external, percent: Math.round(likeness * 100) }];
}

function priceEvidence(ours: Fields, theirs: Fields): MatchEvidence[] {
	const [internal, external] = [ours[priceField], theirs[priceField]];
	if (typeof internal !== 'string' || typeof external !== 'string') return [];
	const [mine, its] = [ours[currencyField] ?? null, theirs[currencyField] ?? null];
	if (mine !== null && its !== null && mine !== its) return [];
	const [lower, higher] = [Math.min(Number(internal), Number(external)), Math.max(Number(internal), Number(external))];
	if (!(lower > 0) || !Number.isFinite(higher)) return [];
	const percent = Math.round((lower / higher) * 100);
	return [{ field: priceField, kind: 'ratio', internal, external, percent }];
}
