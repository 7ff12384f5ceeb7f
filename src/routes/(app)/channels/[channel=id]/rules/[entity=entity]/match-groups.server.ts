import { error, type RequestEvent } from '@sveltejs/kit';
import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { matchGroupRowsOf, readMatchGroups } from '#src/lib/forms/match-groups.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf } from '#src/lib/server/act.ts';
import { good } from '#src/lib/server/form-input.ts';
import { fieldLabels } from '#src/lib/server/entity-page.ts';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { defaultMatchGroups, nameField } from '#src/sync/match-groups.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';

const fieldsOf = (entity: Entity) => [...entity.matchKeys, nameField];

/** What the card of match groups shows. */
export function matchGroupsShown(entity: Entity, policy: ChannelEntityPolicy) {
	const labels = fieldLabels(entity);
	// What records point to leaves nothing to choose, neither does what is never matched.
	if (entity.matchKeys.length === 0) return { by: (entity.keyFields ?? []).map((name) => labels[name] ?? name) };
	return {
		by: null,
		fields: fieldsOf(entity).map((name) => ({ name, label: labels[name] ?? name, isName: name === nameField })),
		rows: matchGroupRowsOf(policy.match ?? defaultMatchGroups(entity.matchKeys), fieldsOf(entity)),
		isDefault: policy.match === undefined
	};
}

/** `?/saveMatching`: what makes a suggestion. Fields: settingsRev, the rows, default ('yes' = as it was in the beginning). */
export const saveMatching = (event: RequestEvent) =>
	act(event, 'manage-channel', async ({ data, actor, db }) => {
		const entity = entityNamed(event.params.entity ?? '');
		if (!entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
		const groups = readMatchGroups(data, fieldsOf(entity));
		const result = await saveChannelEntity(db, {
			channelId: event.params.channel ?? '',
			entity: entity.name,
			settingsRev: Number(textOf(data, 'settingsRev')) || 0,
			policy: { match: textOf(data, 'default') === 'yes' ? undefined : groups },
			actor,
			via: 'web'
		});
		return result.ok ? good(m.match_saved()) : result;
	});
