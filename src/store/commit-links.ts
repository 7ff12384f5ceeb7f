import { sql, type SQL } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import type { Entity, InternalWrite } from '#src/entities/entity.ts';
import type { LinkProblem } from '#src/entities/map-table.ts';
import type { FieldConflict, PendingWrite } from '#src/sync/decide.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { LinkStatus, Outcome } from '#src/sync/outcome.ts';
import type { Ceiling } from '#src/sync/policy.ts';
import type { ShadowLoss } from '#src/sync/shadow.ts';
import { endedConflicts, insertConflicts } from './insert-conflicts.ts';
import { linkTable } from './link-state.ts';
import { reserveEffects } from './reserve-effects.ts';
import { lockAwaiting, saveAwaiting, type AwaitingOwner, type AwaitingRow } from './save-awaiting.ts';
import { retrying } from './transaction.ts';
import { updateLinks } from './update-links.ts';

export type CeilingKind = 'creates' | 'deactivations' | 'updates';

/** What the journal keeps of a decision. */
export type LinkJournal = {
	action: string;
	inputs: Record<string, unknown>;
	changes: readonly DecisionChange[];
	/** What comparing time stamps alone would have lost; absent where nothing. */
	shadow?: readonly ShadowLoss[];
};

/** What becomes of one claimed link. Applied only if its `stateRev` still holds. */
export type LinkCommit = {
	linkId: string;
	internalId: string;
	externalId: string;
	variantId: string;
	stateRev: string;
	/** The `dirty_seq` that was seen with the claim; the link is clean up to it when `clean`. */
	dirtySeq: string;
	clean: boolean;
	/** Keep the claim for a write that follows; its lease starts anew. */
	keepClaim: boolean;
	status: LinkStatus;
	waiting: string | null;
	problem: LinkProblem | null;
	tries: number;
	retryDelayMs: number;
	/** Added to the bases. */
	bases: { internal: Fields; external: Fields };
	unconfirmed: readonly string[];
	/** Null = leave it. */
	internalVersion: string | null;
	externalVersion: string | null;
	externalStamp: string | null;
	stampPassed: boolean;
	codecFingerprint: string;
	pendingWrite: PendingWrite | null;
	pull: InternalWrite | null;
	/** Automatic effect to count against a ceiling. */
	effect: CeilingKind | null;
	/** The channel's record as this commit knows it; null = leave what scans saw. */
	seen: { fields: Fields; version: string | null; stamp: string | null } | null;
	/** Fields that wait for a person; null = not decided here, open conflicts stay. */
	asked: readonly FieldConflict[] | null;
	settled: readonly FieldConflict[];
	journal: LinkJournal | null;
	item: { action: string; fields: readonly string[] } | null;
	outcome: Outcome | null;
	/** References that wait for their record to be linked, in the place of those noted before; absent = not decided here. */
	awaiting?: readonly Omit<AwaitingRow, keyof AwaitingOwner>[];
};

export type CommitLinksInput = {
	channelId: string;
	entity: Entity;
	runId: string;
	workerId: string;
	leaseMs: number;
	/** Highest number of effects in 24 hours, before grants. */
	limits: Readonly<Record<CeilingKind, number>>;
	rows: readonly LinkCommit[];
};

export type CommitLinksResult = {
	/** New state revision of every link that was applied. A claimed link that is not here moved meanwhile: gather it again. */
	applied: ReadonlyMap<string, string>;
	/** Links left as they were because their effect is beyond a ceiling. */
	held: readonly string[];
};

/** The limit of a ceiling for a channel with so many links. */
export function ceilingLimit(ceiling: Ceiling, links: number): number {
	return Math.max(ceiling.count, Math.floor(ceiling.share * links));
}

/**
 * The one way in which a run changes links: our records, bases, pending writes, conflicts, journal, items and counts of
 * a batch in one transaction. Links whose state moved, and pulls whose record moved, are left out whole.
 */
export async function commitLinks(db: Db, input: CommitLinksInput): Promise<CommitLinksResult> {
	if (input.rows.length === 0) return { applied: new Map(), held: [] };
	return retrying(db, async (tx) => {
		await lockAwaiting(tx, input.channelId, awaitingRows(input.rows));
		const locked = await lockLinks(tx, input);
		const standing = input.rows.filter((row) => locked.has(row.linkId));
		const held = await holdBeyondCeiling(tx, input, standing);
		const allowed = standing.filter((row) => !held.has(row.linkId));
		const written = await input.entity.store.compareAndSet(
			tx,
			allowed.flatMap((row) => (row.pull ? [row.pull] : []))
		);
		const rows = allowed
			.filter((row) => row.pull === null || written.has(row.pull.id))
			.map((row) => (row.pull === null ? row : { ...row, internalVersion: written.get(row.pull.id) ?? null }));
		const read = rows.filter((row) => locked.get(row.linkId) === row.dirtySeq);
		const applied = await updateLinks(tx, input, rows, [
			...seenRecords(input, read),
			...endedConflicts(input.entity, rows),
			...countedBatch(input, rows)
		]);
		await insertConflicts(tx, { channelId: input.channelId, entity: input.entity, rows });
		const at = { channelId: input.channelId, entity: input.entity.name };
		await saveAwaiting(tx, at, awaitingOwners(rows), awaitingRows(rows));
		return { applied, held: [...held] };
	});
}

/** Links of which is known what they wait for. */
export function awaitingOwners(rows: readonly LinkCommit[]): AwaitingOwner[] {
	return rows.filter(({ awaiting }) => awaiting).map(ownerOf);
}

/** What the links of a commit wait for. */
export function awaitingRows(rows: readonly LinkCommit[]): AwaitingRow[] {
	return rows.flatMap((row) => (row.awaiting ?? []).map((one) => ({ ...ownerOf(row), ...one })));
}

function ownerOf({ linkId }: LinkCommit): AwaitingOwner {
	return { owner: 'link', ownerId: linkId, variantId: '' };
}

/** The change up to which each link that still has its state is dirty. */
async function lockLinks(tx: Transaction, { entity, rows }: CommitLinksInput): Promise<ReadonlyMap<string, string>> {
	const { map } = linkTable(entity);
	const keys = JSON.stringify(rows.map((row) => ({ id: row.linkId, rev: row.stateRev })));
	const found = await tx.execute<{ id: string; dirtySeq: string }>(sql`
		select m.id::text as id, m.dirty_seq::text as "dirtySeq" from ${map} m join jsonb_to_recordset(${keys}::text::jsonb) as k(id bigint, rev bigint)
			on k.id = m.id and k.rev = m.state_rev order by m.id for update of m`);
	return new Map(found.map((row) => [row.id, row.dirtySeq]));
}

async function holdBeyondCeiling(
	tx: Transaction,
	input: CommitLinksInput,
	rows: readonly LinkCommit[]
): Promise<ReadonlySet<string>> {
	const held = new Set<string>();
	for (const kind of ['deactivations', 'updates'] as const) {
		const wanting = rows.filter((row) => row.effect === kind);
		if (wanting.length === 0) continue;
		const granted = await reserveEffects(tx, {
			channelId: input.channelId,
			entity: input.entity.name,
			kind,
			limit: input.limits[kind],
			wanted: wanting.length,
			runId: input.runId
		});
		for (const row of wanting.slice(granted)) held.add(row.linkId);
	}
	return held;
}

/** What a run has read of links that nothing was noticed about since: an older reading must not hide a newer one. */
function seenRecords(input: CommitLinksInput, rows: readonly LinkCommit[]): SQL[] {
	const seen = rows.flatMap((row) => (row.seen ? [{ id: row.externalId, variant: row.variantId, ...row.seen }] : []));
	if (seen.length === 0) return [];
	return [
		sql`seen as (
			update c_channel_record r set fields = r.fields || s.fields, version = s.version, stamp = s.stamp, deleted_at = null
			from jsonb_to_recordset(${JSON.stringify(seen)}::text::jsonb) as s(id text, variant text, fields jsonb, version text, stamp text)
			where r.c_channel_id = ${input.channelId}::bigint and r.entity = ${input.entity.name} and r.external_id = s.id
				and r.external_variant_id = s.variant
				and (not r.fields @> s.fields or r.version is distinct from s.version or r.stamp is distinct from s.stamp
					or r.deleted_at is not null)
		)`
	];
}

/** The counts of a batch for its run, and the items that a run shows. */
function countedBatch(input: CommitLinksInput, rows: readonly LinkCommit[]): SQL[] {
	const counts: Record<string, number> = {};
	for (const { outcome } of rows) if (outcome !== null) counts[outcome] = (counts[outcome] ?? 0) + 1;
	if (Object.keys(counts).length === 0) return [];
	const counted = sql`counted as (
			insert into sync_batch (run_id, phase, counts) values (${input.runId}::bigint, 'links', ${JSON.stringify(counts)}::text::jsonb)
		)`;
	const items = rows.flatMap((row) =>
		row.item && row.outcome
			? [
					{
						link: row.linkId,
						internal: row.internalId,
						external: row.externalId,
						variant: row.variantId,
						outcome: row.outcome,
						problem: row.problem,
						...row.item
					}
				]
			: []
	);
	if (items.length === 0) return [counted];
	return [
		counted,
		sql`shown as (
			insert into sync_item (run_id, link_id, internal_id, external_id, external_variant_id, action, outcome, fields, problem)
			select ${input.runId}::bigint, i.link, i.internal, i.external, i.variant, i.action, i.outcome, array(select jsonb_array_elements_text(i.fields)), nullif(i.problem, 'null'::jsonb)
			from jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb)
				as i(link bigint, internal bigint, external text, variant text, action text, outcome text, fields jsonb, problem jsonb)
		)`
	];
}
