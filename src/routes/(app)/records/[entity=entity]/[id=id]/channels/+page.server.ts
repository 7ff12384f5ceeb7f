import type { Entity } from '#src/entities/entity.ts';
import { entityOr404 } from '#src/lib/server/entity-page.ts';
import { differingFields } from '#src/mappings/compare-sides.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { recordLinks, type ChannelCard as Card } from '#src/mappings/record-links.ts';
import { inScope } from '#src/sync/scope.ts';
import { recordActions } from '../../../../link-actions.server.ts';
import type { Actions, PageServerLoad } from './$types';
import type { ChannelCard } from './channel-card.ts';
import { findInChannel } from './find-in-channel.server.ts';

export const load: PageServerLoad = async ({ locals, params, url, parent }) => {
	const entity = await entityOr404(locals, params.entity);
	const { record } = await parent();
	const found = await recordLinks(locals.db, { entity: entity.name, id: params.id });
	const cards = await named(
		locals,
		entity.name,
		found.map((card) => shownCard(card, entity, record.fields))
	);
	const text = url.searchParams.get('find')?.trim().slice(0, 200) ?? '';
	const asked = cards.find(({ channel }) => channel.id === url.searchParams.get('channel'))?.channel;
	if (!asked || text === '') return { cards, find: null };
	return { cards, find: { channelId: asked.id, part: await findInChannel(locals, { channel: asked, entity, text }) } };
};

export const actions: Actions = recordActions;

type CardFields = Parameters<typeof differingFields>[1]['internal'];

/** The cards with what references point to by name. */
async function named({ db }: App.Locals, entity: string, cards: readonly ChannelCard[]): Promise<ChannelCard[]> {
	const at = (card: ChannelCard, field: string) => ({ entity, field, channelId: card.channel.id });
	const nameOf = await referenceNames(
		db,
		cards.flatMap((card) =>
			card.links.flatMap(({ differing }) =>
				differing.flatMap(({ name, ours, theirs }) => [
					{ ...at(card, name), side: 'internal' as const, value: ours },
					{ ...at(card, name), side: 'external' as const, value: theirs }
				])
			)
		)
	);
	return cards.map((card) => ({
		...card,
		links: card.links.map((link) => ({
			...link,
			differing: link.differing.map((field) => ({
				...field,
				ours: nameOf({ ...at(card, field.name), side: 'internal', value: field.ours }),
				theirs: nameOf({ ...at(card, field.name), side: 'external', value: field.theirs })
			}))
		}))
	}));
}

function shownCard(card: Card, entity: Entity, internal: CardFields): ChannelCard {
	const { id, name, paused, allowSecondary } = card.channel;
	return {
		channel: { id, name, paused, allowSecondary },
		links: card.links.map(({ external, baseInternal, baseExternal, ...link }) => ({
			...link,
			url: external?.url ?? null,
			differing: differingFields(entity.fields, {
				internal,
				external: external?.fields ?? {},
				baseInternal,
				baseExternal
			})
		})),
		suggestions: card.suggestions.map(({ external, ...suggestion }) => ({
			...suggestion,
			value: String(external?.fields['value'] ?? suggestion.externalId),
			name: String(external?.fields['name'] ?? ''),
			url: external?.url ?? null
		})),
		outside: !inScope(internal, card.channel.scope ?? undefined),
		excluded: card.exclusions.find(({ kind }) => kind === 'record') ?? null,
		creating: card.intent,
		awaiting: card.awaiting,
		ended: card.ended
	};
}
