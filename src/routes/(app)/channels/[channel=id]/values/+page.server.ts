import type { Entity } from '#src/entities/entity.ts';
import { act, idOf, textOf } from '#src/lib/server/act.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { listValues, missingValues } from '#src/mappings/list-values.ts';
import { saveValues } from '#src/mappings/manage-values.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, depends, url }) => {
	depends('app:values');
	const channelId = params.channel;
	const [entities, pairs, missing, known] = await Promise.all([
		entitiesIn(locals.db),
		listValues(locals.db, { channelId }),
		missingValues(locals.db, { channelId }),
		locals.engine.resources(channelId)
	]);
	const uses = known.ok ? known.data.flatMap((resource) => usesOf(entities, resource)) : [];
	const names = [...uses, ...pairs, ...missing].map(({ table }) => table);
	return {
		tables: [...new Set(names)].toSorted().map((table) => ({
			table,
			fields: uses.filter((use) => use.table === table).map(({ field }) => field),
			pairs: pairs.filter((pair) => pair.table === table),
			missing: missing.filter((value) => value.table === table)
		})),
		/** The value that a link of the inbox was about. */
		asked: url.searchParams.get('value')
	};
};

function usesOf(
	entities: readonly Entity[],
	{ entity, fields }: { entity: string; fields: readonly { name: string; table?: string | undefined }[] }
) {
	const known = entities.find(({ name }) => name === entity);
	return fields.flatMap(({ name, table }) => {
		if (table === undefined) return [];
		const label = known?.fields.find((field) => field.name === name)?.label ?? name;
		return [{ table, field: `${known?.label.one ?? entity}: ${label}` }];
	});
}

export const actions: Actions = {
	add: (event) =>
		act(event, 'manage-channel', async ({ data, actor, db }) => {
			const pair = { ours: textOf(data, 'ours'), theirs: textOf(data, 'theirs') };
			const about = { channelId: event.params.channel, table: textOf(data, 'table') };
			const result = await saveValues(db, { ...about, added: [pair], removed: [], actor, via: 'web' });
			if (!result.ok) return result;
			const text = result.woken > 0 ? m.values_added_woken({ ...pair, count: result.woken }) : m.values_added(pair);
			return { ok: true, flash: { tone: 'good', text } };
		}),
	remove: (event) =>
		act(event, 'manage-channel', async ({ data, actor, db }) => {
			const about = { channelId: event.params.channel, table: textOf(data, 'table') };
			const removed = [idOf(data, 'pair')];
			const result = await saveValues(db, { ...about, added: [], removed, actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.values_removed() } };
		})
};
