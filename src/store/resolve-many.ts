import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { LinkStateDelta } from '#src/db/schema/decisions.ts';
import type { Entity, InternalRecord } from '#src/entities/entity.ts';
import type { Value } from '#src/sync/fields.ts';
import { entityIn } from './custom-fields.ts';
import { conflictDigest } from './conflict-digest.ts';
import { writeAudit } from './journal.ts';
import { linkColumns, linkTable, type LinkState } from './link-state.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { nothingChosen, unknownEntity } from './refusals.ts';
import { basesOf, closeConflicts, resolutionOf, type Choice } from './resolve-conflicts.ts';
import { keptElsewhere } from './source-refusals.ts';
import { retrying } from './transaction.ts';

/** One field of one link: who wins, and the `conflictDigest` of the two values that were on the screen. */
export type ConflictChoice = { conflictId: string; winner: 'internal' | 'external'; seen: string };

export type ResolveManyInput = Person & {
	entity: string;
	/** At most 200. */
	rows: readonly ConflictChoice[];
};
export type ResolveManyResult =
	| {
			ok: true;
			/** Fields settled. */
			resolved: number;
			/** Left open: a value moved since it was looked at, or there is nothing to decide any more. In the order given. */
			refused: { conflictId: string; why: 'moved' | 'gone' }[];
	  }
	| Refusal;

export type OpenRow = { id: string; linkId: string; field: string; external: Value };
/** What becomes of one link: `open` conflicts are left of it. */
export type LinkPlan<Link> = { link: Link; record: InternalRecord; chosen: Choice[]; open: number };

/**
 * Settles up to 200 conflicts of any links by a person's choice, as `resolveConflicts` does for one link. A row whose values
 * are not those that were seen is left open and named; the others are settled.
 */
export async function resolveMany(db: Db, input: ResolveManyInput): Promise<ResolveManyResult> {
	const entity = await entityIn(db, input.entity);
	if (!entity) return unknownEntity(input.entity);
	if (input.rows.length === 0) return nothingChosen();
	return retrying(db, async (tx) => {
		const links = await lockLinksOf(tx, entity, input.rows);
		const records = await entity.store.read(
			tx,
			links.map(({ internalId }) => internalId)
		);
		const open = await tx.execute<OpenRow>(sql`
			select id::text as id, link_id::text as "linkId", field, external from sync_conflict
			where entity = ${entity.name} and state = 'open'
				and link_id in (select value::bigint from jsonb_array_elements_text(${idsOf(links)}::text::jsonb))
			order by sync_conflict.id for update`);
		const theirs = new Set(input.rows.flatMap(({ conflictId, winner }) => (winner === 'external' ? [conflictId] : [])));
		const kept = keptElsewhere(
			entity,
			open.filter(({ id }) => theirs.has(id)).map(({ field }) => field)
		);
		if (kept) return kept;
		const { plans, refused } = judgeChoices(entity, input.rows, { links, records, open });
		const deltas = await rebase(tx, entity, plans);
		const chosen = plans.flatMap((plan) => plan.chosen);
		await closeConflicts(tx, chosen, input.actor.name);
		await writeEntries(tx, input, plans, deltas);
		for (const entry of auditOf(entity, plans)) await writeAudit(tx, input, entry);
		return { ok: true, resolved: chosen.length, refused };
	});
}

/** Which choices hold against what is there now, by link in id order, and which do not. */
export function judgeChoices<Link extends Pick<LinkState, 'id' | 'internalId'>>(
	entity: Entity,
	rows: readonly ConflictChoice[],
	now: { links: readonly Link[]; records: readonly InternalRecord[]; open: readonly OpenRow[] }
): { plans: LinkPlan<Link>[]; refused: { conflictId: string; why: 'moved' | 'gone' }[] } {
	const links = new Map(now.links.map((link) => [link.id, link]));
	const records = new Map(now.records.map((record) => [record.id, record]));
	const conflicts = new Map(now.open.map((conflict) => [conflict.id, conflict]));
	const plans = new Map<string, LinkPlan<Link>>();
	const refused: { conflictId: string; why: 'moved' | 'gone' }[] = [];
	for (const { conflictId, winner, seen } of rows) {
		const conflict = conflicts.get(conflictId);
		const link = links.get(conflict?.linkId ?? '');
		const record = records.get(link?.internalId ?? '');
		const field = entity.fields.find(({ name }) => name === conflict?.field);
		if (!conflict || !link || !record || !field) {
			refused.push({ conflictId, why: 'gone' });
			continue;
		}
		const internal = record.fields[conflict.field] ?? null;
		if (conflictDigest(field.type, { internal, external: conflict.external }) !== seen) {
			refused.push({ conflictId, why: 'moved' });
			continue;
		}
		// A conflict that is named twice is settled once, as named first.
		conflicts.delete(conflictId);
		const plan = plans.get(link.id) ?? { link, record, chosen: [], open: 0 };
		plan.chosen.push({ ...conflict, winner, internal });
		plans.set(link.id, plan);
	}
	for (const plan of plans.values()) {
		plan.open = now.open.filter(({ linkId }) => linkId === plan.link.id).length - plan.chosen.length;
	}
	const inOrder = [...plans.values()].toSorted((a, b) => (BigInt(a.link.id) < BigInt(b.link.id) ? -1 : 1));
	return { plans: inOrder, refused };
}

/** One line of the audit trail for each channel. */
export function auditOf(entity: Entity, plans: readonly LinkPlan<Pick<LinkState, 'channelId'>>[]) {
	const channels = [...new Set(plans.map(({ link }) => link.channelId))];
	return channels.map((channelId) => {
		const of = plans.filter(({ link }) => link.channelId === channelId);
		const chosen = of.flatMap((plan) => plan.chosen);
		const won = (side: Choice['winner']) => chosen.filter(({ winner }) => winner === side).length;
		const detail = { links: of.length, internal: won('internal'), external: won('external') };
		return { action: 'resolve', object: `${entity.name}-link`, channelId, detail };
	});
}

/** What the journal keeps of the choices for one link. */
export function entryOf(
	input: Person & { entity: string },
	plan: LinkPlan<Pick<LinkState, 'id' | 'externalVersion' | 'baseInternal' | 'baseExternal'>>
) {
	const { link, record, chosen } = plan;
	const { actor, via, entity } = input;
	const choices = Object.fromEntries(chosen.map(({ field, winner }) => [field, winner]));
	const seen = { linkId: link.id, choices, internalRev: record.rev, externalVersion: link.externalVersion ?? '' };
	const { inputs, changes } = resolutionOf({ actor, via, entity, ...seen }, link, chosen);
	return { inputs, changes };
}

async function lockLinksOf(tx: Transaction, entity: Entity, rows: readonly ConflictChoice[]): Promise<LinkState[]> {
	const ids = JSON.stringify(rows.map(({ conflictId }) => conflictId));
	const found = await tx.execute<LinkState>(sql`
		select ${linkColumns(entity)} from ${linkTable(entity).map} m where m.id in (
			select c.link_id from sync_conflict c where c.entity = ${entity.name} and c.state = 'open'
				and c.id in (select value::bigint from jsonb_array_elements_text(${ids}::text::jsonb))
		) order by m.id for update of m`);
	return [...found];
}

const idsOf = (links: readonly { id: string }[]) => JSON.stringify(links.map(({ id }) => id));

async function rebase(
	tx: Transaction,
	entity: Entity,
	plans: readonly LinkPlan<LinkState>[]
): Promise<ReadonlyMap<string, LinkStateDelta | null>> {
	const rows = plans.map(({ link, chosen, open }) => ({ id: link.id, ...basesOf(entity, chosen), open }));
	const { map } = linkTable(entity);
	const moved = await tx.execute<{ id: string; linkState: LinkStateDelta | null }>(sql`
		with w as (select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as w(id bigint, internal jsonb, external jsonb, open int)),
		old as (select m.id, to_jsonb(m) as state from ${map} m where m.id in (select id from w)),
		moved as (
			update ${map} m set base_internal = coalesce(m.base_internal, '{}') || w.internal,
				base_external = coalesce(m.base_external, '{}') || w.external,
				unconfirmed = array(select u from unnest(m.unconfirmed) u where not w.external ? u),
				status = case when w.open = 0 then 'pending' else 'conflict' end, problem = null, tries = 0, retry_at = null,
				dirty_seq = m.dirty_seq + 1, state_rev = m.state_rev + 1
			from w where m.id = w.id returning m.id, to_jsonb(m) as state
		)
		select old.id::text as id, cm_state_delta(old.state, moved.state) as "linkState" from old join moved on moved.id = old.id`);
	return new Map(moved.map(({ id, linkState }) => [id, linkState]));
}

async function writeEntries(
	tx: Transaction,
	input: ResolveManyInput,
	plans: readonly LinkPlan<LinkState>[],
	deltas: ReadonlyMap<string, LinkStateDelta | null>
): Promise<void> {
	const rows = plans.map((plan, place) => {
		const { id, channelId, internalId, externalId, variantId } = plan.link;
		const about = { place, id, channel: channelId, internal: internalId, external: externalId, variant: variantId };
		return { ...about, ...entryOf(input, plan), state: deltas.get(id) ?? null };
	});
	await tx.execute(sql`
		insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, inputs, changes, link_state)
		select w.channel, ${input.entity}, w.id, w.internal, w.external, w.variant, ${input.actor.name}, 'resolve', w.inputs, w.changes, nullif(w.state, 'null'::jsonb)
		from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as w(place int, id bigint, channel bigint, internal bigint, external text, variant text,
			inputs jsonb, changes jsonb, state jsonb) order by w.place`);
}
