import { sql } from 'drizzle-orm';
import type { HistoryEntry } from '#src/demo/erp/erp-store.ts';
import { editedFields, type EditedField, type Side } from './edit-load.ts';
import type { ErpProduct } from './erp-process.ts';
import type { World } from './world.ts';

/** One value a person entered, and the value that was there when they did. */
export type Edit = {
	side: Side;
	/** Our search key and the ERP's SKU; nobody edits it. */
	sku: string;
	field: EditedField;
	value: string;
	seen: string | null;
	at: string;
	/** The person made the whole record. */
	made: boolean;
};

export type OurProduct = { id: string; value: string; name: string; description: string | null; price: string | null };
export type ConflictRow = {
	sku: string;
	field: string;
	state: string;
	rule: string;
	winner: Side | null;
	internal: string | null;
	external: string | null;
};
export type LinkRow = {
	id: string;
	internalId: string;
	externalId: string;
	status: string;
	dirty: boolean;
	problem: unknown;
};

/**
 * All that the checkers read. What people did comes from the driver's log and the ERP's own history, never from the
 * engine; of the engine's tables only what an operator sees: the links and the conflicts with both values.
 */
export type Evidence = {
	/** How many products were linked before anything happened. */
	links: number;
	edits: readonly Edit[];
	erpHistory: readonly HistoryEntry[];
	erpProducts: readonly ErpProduct[];
	ourProducts: readonly OurProduct[];
	linkRows: readonly LinkRow[];
	conflicts: readonly ConflictRow[];
	/** Creates that are not settled. */
	openIntents: readonly Record<string, unknown>[];
};

/** An invariant that does not hold, with the lines that show it. */
export type Violation = { invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I7' | 'I11'; what: string; evidence: unknown };

/** Gathers the evidence once everything is at rest. */
export async function gatherEvidence(world: World, links: number): Promise<Evidence> {
	const { db, erp } = world;
	const erpHistory = await erp.history(0);
	const ours = await db.execute<Omit<Edit, 'side'>>(
		sql`select sku, field, token as value, seen, at::text as at, made from driver.edit order by seq`
	);
	return {
		links,
		edits: [...ours.map((edit): Edit => ({ ...edit, side: 'internal' })), ...editsOf(erpHistory)],
		erpHistory,
		erpProducts: await erp.readAll(),
		ourProducts: await db.execute<OurProduct>(
			sql`select id::text as id, value, name, description, price::text as price from m_product order by id`
		),
		linkRows: await db.execute<LinkRow>(sql`
			select id::text as id, m_product_id::text as "internalId", external_product_id as "externalId", status,
				dirty_seq > clean_seq as dirty, problem from c_channel_map_product order by id`),
		conflicts: await db.execute<ConflictRow>(sql`
			select p.value as sku, c.field, c.state, c.rule, c.winner, c.internal #>> '{}' as internal, c.external #>> '{}' as external
			from sync_conflict c join m_product p on p.id = c.internal_id order by c.id`),
		openIntents: await db.execute(sql`
			select p.value as sku, i.state, i.tries, i.sent_at, i.retry_at, i.problem from sync_intent i join m_product p on p.id = i.internal_id`)
	};
}

/** What persons did in the ERP; everything else there was the engine. */
function editsOf(history: readonly HistoryEntry[]): Edit[] {
	return history
		.filter(({ by, after }) => by === 'person' && after !== null)
		.flatMap(({ at, before, after }) =>
			editedFields
				.filter((field) => !sameValue(before?.[field], after?.[field]))
				.map((field) => ({
					side: 'external' as const,
					sku: String(after?.['sku']),
					field,
					value: String(after?.[field]),
					seen: textOf(before?.[field]),
					at,
					made: before === null
				}))
		);
}

/** The evidence that concerns one field of one record, for a report. */
export function storyOf(evidence: Evidence, sku: string, field: EditedField) {
	return {
		edits: evidence.edits.filter((edit) => edit.sku === sku && edit.field === field),
		erpWrites: evidence.erpHistory
			.filter(({ before, after }) => (after ?? before)?.['sku'] === sku)
			.filter(({ before, after }) => !sameValue(before?.[field], after?.[field]))
			.map(({ seq, at, by, before, after }) => ({ seq, at, by, before: before?.[field], after: after?.[field] })),
		conflicts: evidence.conflicts.filter((row) => row.sku === sku && row.field === field),
		ours: evidence.ourProducts.filter(({ value }) => value === sku).map((record) => record[field]),
		theirs: evidence.erpProducts.filter((record) => record.sku === sku).map((record) => record[field])
	};
}

/** Decimals are equal whatever zeros follow; an empty value is none. */
export function sameValue(one: unknown, other: unknown): boolean {
	return plain(one) === plain(other);
}

/** A value as the key it is compared by. */
export function plain(value: unknown): string {
	const text = textOf(value) ?? '';
	return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text;
}

function textOf(value: unknown): string | null {
	return typeof value === 'string' && value !== '' ? value : null;
}
