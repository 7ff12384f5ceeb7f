import { error, fail, type RequestEvent } from '@sveltejs/kit';
import { inDependencyOrder, entityNamed } from '#src/entities/registry.ts';
import type { Entity } from '#src/entities/entity.ts';
import { readScopeRows, type ScopeRows } from '#src/lib/forms/scope.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { good } from '#src/lib/server/form-input.ts';
import { saveChannelEntity } from '#src/mappings/manage-channel.ts';
import { previewScope } from '#src/mappings/preview-scope.ts';
import { scopeFromTexts, textsFromScope } from '#src/mappings/scope-values.ts';
import type { ChannelEntityPolicy } from '#src/sync/policy.ts';
import { scopeOperatorsOf, type SideScopes } from '#src/sync/scope.ts';

type Carried = {
	id: string;
	entities: readonly { entity: string; settingsRev: number; policy: ChannelEntityPolicy }[];
};

/** What the editor of a scope shows; of the first kind of records where none is named. Throws the 404 page for one not carried. */
export async function scopeShown({ db }: App.Locals, channel: Carried, name: string | null) {
	const [first] = inDependencyOrder(channel.entities.map(({ entity }) => entity)).toSorted(productsFirst);
	const state = channel.entities.find((each) => each.entity === (name ?? first));
	const entity = entityNamed(state?.entity ?? '');
	if (!state || !entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
	const scope = state.policy.scope ?? {};
	const textsOf = (side: 'internal' | 'external') =>
		textsFromScope(db, { entity, channelId: channel.id, side }, scope[side]);
	return {
		entity: { name: entity.name, label: entity.label },
		settingsRev: state.settingsRev,
		rows: { internal: await textsOf('internal'), external: await textsOf('external') } satisfies ScopeRows,
		fields: entity.fields.map(({ name: field, label, type }) => ({
			name: field,
			label,
			type,
			operators: scopeOperatorsOf(type)
		}))
	};
}

function productsFirst(one: string, other: string): number {
	return Number(other === 'product') - Number(one === 'product');
}

/** `?/edit`: the form with a condition more or less. Fields: the rows, add (a side) or remove (a row). */
export async function edit(event: RequestEvent) {
	requireRight(event.locals, 'manage-channel');
	const data = await event.request.formData();
	return { scope: { rows: readScopeRows(data), preview: null } };
}

/** `?/preview`: counts under the conditions typed. Fields: the rows. */
export async function preview(event: RequestEvent) {
	requireRight(event.locals, 'manage-channel');
	const read = await readScope(event, await event.request.formData());
	return read.ok ? { scope: await previewed(event, read) } : read.failure;
}

/** `?/save`: keeps the conditions whose counts were shown. Fields: the rows, settingsRev, previewed. */
export async function save(event: RequestEvent) {
	const actor = requireRight(event.locals, 'manage-channel');
	const data = await event.request.formData();
	const read = await readScope(event, data);
	if (!read.ok) return read.failure;
	const { entity, scope, rows } = read;
	if (textOf(data, 'previewed') !== JSON.stringify(scope)) {
		const refused = { kind: 'stale', message: m.scope_moved(), hint: m.scope_moved_hint() };
		return fail(409, { refused, scope: await previewed(event, read) });
	}
	const result = await saveChannelEntity(event.locals.db, {
		channelId: event.params.channel ?? '',
		entity: entity.name,
		settingsRev: Number(textOf(data, 'settingsRev')) || 0,
		policy: { scope },
		actor,
		via: 'web'
	});
	if (result.ok)
		return done(
			event,
			good(m.scope_saved()),
			`${event.url.pathname}${event.params.entity ? '' : `?entity=${entity.name}`}`
		);
	const { status, data: refusal } = refuse(result);
	return fail(status, { ...refusal, scope: { rows, preview: null } });
}

type Read = { ok: true; entity: Entity; scope: SideScopes; rows: ScopeRows };

async function readScope(event: RequestEvent, data: FormData) {
	const channelId = event.params.channel ?? '';
	const entity = entityNamed(event.params.entity ?? textOf(data, 'entity'));
	if (!entity) error(404, { message: m.channel_entity_unknown(), hint: m.channel_unknown_hint() });
	const rows = readScopeRows(data);
	const { db } = event.locals;
	const internal = await scopeFromTexts(db, { entity, channelId, side: 'internal' }, rows.internal);
	const external = await scopeFromTexts(db, { entity, channelId, side: 'external' }, rows.external);
	for (const result of [internal, external]) {
		if (result.ok) continue;
		const { status, data: refusal } = refuse(result);
		return { ok: false as const, failure: fail(status, { ...refusal, scope: { rows, preview: null } }) };
	}
	const scope = {
		...(internal.ok && internal.scope ? { internal: internal.scope } : {}),
		...(external.ok && external.scope ? { external: external.scope } : {})
	};
	return { ok: true as const, entity, scope, rows } satisfies Read;
}

async function previewed(event: RequestEvent, { entity, scope, rows }: Read) {
	const counts = await previewScope(event.locals.db, entity, { channelId: event.params.channel ?? '', scope });
	return { rows, preview: { ...counts, previewed: JSON.stringify(scope) } };
}
