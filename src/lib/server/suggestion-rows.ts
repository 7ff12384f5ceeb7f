import { entityNamed } from '#src/entities/registry.ts';
import type { SuggestionRow as Shown } from '#src/lib/components/suggestion-row.ts';
import type { SuggestionRow } from '#src/mappings/list-suggestions.ts';
import { fieldLabels } from './entity-page.ts';

/** Suggested pairs as the lists show them. */
export function suggestionRows(rows: readonly SuggestionRow[]): Shown[] {
	return rows.map(({ channelId, channelName, externalId, internal, external, ...row }) => {
		const entity = entityNamed(row.entity);
		return {
			...row,
			channel: { id: channelId, name: channelName },
			value: internal?.value ?? row.internalId,
			name: internal?.name ?? '',
			externalValue: String(external?.fields['value'] ?? externalId),
			externalName: String(external?.fields['name'] ?? ''),
			url: external?.url ?? null,
			labels: entity ? fieldLabels(entity) : {}
		};
	});
}
