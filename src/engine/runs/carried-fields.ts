import type { FieldReason } from '#src/sync/decide.ts';
import { sidesAgree, type ReferenceLinks } from '#src/sync/reference.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connectors/connector.ts';

type Shown = Pick<ExternalRecord, 'fields' | 'shownOnly'>;

/** What a record of the channel carries itself: what may be compared and written. */
export function carriedFields({ fields, shownOnly = [] }: Shown): Fields {
	if (shownOnly.length === 0) return fields;
	return Object.fromEntries(Object.entries(fields).filter(([name]) => !shownOnly.includes(name)));
}

/** Why fields in which the two differ are left as they are: another record of the channel carries them. */
export function shownReasons(
	rules: readonly FieldCodec[],
	internal: Fields,
	{ fields, shownOnly = [] }: Shown,
	references: Readonly<Record<string, ReferenceLinks>> | undefined
): FieldReason[] {
	return rules.flatMap((rule): FieldReason[] => {
		const { name } = rule;
		const [ours, theirs] = [internal[name], fields[name] ?? null];
		if (!shownOnly.includes(name) || ours === undefined || theirs === null) return [];
		if (sidesAgree(rule, references, ours, theirs)) return [];
		const unchanged = { internalChange: 'unchanged', externalChange: 'unchanged' } as const;
		return [{ field: name, ...unchanged, verdict: 'keep', rule: 'carried-elsewhere' }];
	});
}
