import { error } from '@sveltejs/kit';
import type { Entity } from '#src/entities/entity.ts';
import { fieldShown, lastAgreed, withNames } from '#src/lib/server/conflict-rows.ts';
import { entityHead, entityOr404, fieldInfo, rightsOf } from '#src/lib/server/entity-page.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Conflict } from '#src/mappings/list-conflicts.ts';
import { listDecisions } from '#src/mappings/list-decisions.ts';
import { referenceNames } from '#src/mappings/reference-names.ts';
import { readEndedLink, readLink, type EndedLinkDetail, type LinkDetail } from '#src/mappings/read-link.ts';
import { giveBack, retry, sync, takeOther, undo, unlink } from '../../../link-actions.server.ts';
import { restore, setAside } from '../../../restore-actions.server.ts';
import { fieldViews, namedViews, pointing } from './field-views.server.ts';
import type { Actions, PageServerLoad } from './$types';
import { liveLook } from './live-look.server.ts';
import { resolve } from './resolve.server.ts';
import { withReturnable } from './returnable.server.ts';
import { technicalItems } from './technical-items.server.ts';

export const load: PageServerLoad = async ({ locals, params, url }) => {
	const entity = await entityOr404(locals, params.entity);
	const link = await readLink(locals.db, { entity, id: params.id });
	const ended = link ? null : await readEndedLink(locals.db, { entity: entity.name, id: params.id });
	if (!link && !ended) error(404, { message: m.link_unknown({ id: params.id }), hint: m.link_unknown_hint() });
	const history = await listDecisions(locals.db, {
		entity: entity.name,
		linkId: params.id,
		cursor: url.searchParams.get('history')
	});
	return {
		entity: entityHead(entity),
		fieldInfo: fieldInfo(entity),
		may: rightsOf(locals.user),
		history: await withReturnable(locals, entity, link, history.rows, rightsOf(locals.user).resolve),
		historyNext: history.next,
		historyPrevious: history.previous,
		ended,
		...(link ? await linkView(locals, entity, link) : endedView(ended))
	};
};

async function linkView(locals: App.Locals, entity: Entity, link: LinkDetail) {
	const look = await liveLook(locals, entity.name, link.id);
	const record = link.internal;
	const fields = fieldViews(entity, link, look.ok ? look : null);
	const nameOf = await referenceNames(locals.db, pointing(entity.name, link, fields));
	const named = (each: Conflict) => withNames(nameOf, each);
	const external = link.variantId === '' ? link.externalId : `${link.externalId} / ${link.variantId}`;
	return {
		title: String(record?.fields['name'] ?? external),
		channel: { id: link.channelId, name: link.channelName },
		link: {
			id: link.id,
			status: link.status,
			waiting: link.waiting,
			problem: link.problem,
			syncedAt: link.syncedAt,
			external,
			url: link.external?.url ?? null
		},
		record: record && {
			id: record.id,
			value: String(record.fields['value'] ?? record.id),
			name: String(record.fields['name'] ?? '')
		},
		fields: namedViews(nameOf, entity.name, link.channelId, fields),
		live: look.ok && look.external !== null,
		/** The channel was asked and does not have the record. */
		gone: look.ok && look.external === null,
		notLive: look.ok ? null : { engineDown: look.engineDown, title: look.title, hint: look.hint },
		conflicts: link.conflicts.map((conflict) =>
			conflictView(entity, named({ ...conflict, internal: record?.fields[conflict.field] ?? conflict.internal }))
		),
		outside: link.outside,
		internalRev: record?.rev ?? '',
		externalVersion: link.externalVersion ?? '',
		settled: link.settled
			.filter(({ state, linked }) => state === 'settled' && linked)
			.map((conflict) => ({ ...conflictView(entity, named(conflict)), ...settledPart(conflict) })),
		technical: technicalItems(link)
	};
}

function endedView(ended: EndedLinkDetail | null) {
	return {
		title: ended?.externalId ?? '',
		channel: { id: ended?.channelId ?? '', name: ended?.channelName ?? '' },
		link: null,
		record: null,
		fields: [],
		live: false,
		gone: false,
		notLive: null,
		conflicts: [],
		outside: [],
		internalRev: '',
		externalVersion: '',
		settled: [],
		technical: []
	};
}

function conflictView(entity: Entity, conflict: Conflict) {
	const { id, field, internal, external, rule, createdAt } = conflict;
	const shown = fieldShown([entity], entity.name, field);
	return { id, field, ...shown, internal, external, base: lastAgreed(conflict), rule, createdAt };
}

function settledPart({ winner, decidedAt, reversedBy }: Conflict) {
	return { winner: winner ?? 'internal', decidedAt, reversedBy };
}

export const actions: Actions = { sync, retry, unlink, restore, setAside, undo, resolve, takeOther, giveBack };
