import type { Exclusion, Pair } from '../exclusions.ts';
import type { ExclusionRow } from './matching-tables.ts';
import { inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';

/** `exclusionsOf` in memory. */
export function exclusionsOf(tables: Tables, pair: Pair): Exclusion[] {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	const found = new Set<ExclusionRow>();
	for (const row of tables.exclusionsOfInternal(channelId, entity, internalId)) {
		if (row.kind === 'record') found.add(row);
	}
	for (const row of tables.exclusionsOfExternal(channelId, entity, externalId, variantId)) {
		if (row.kind === 'record' || row.internalId === internalId) found.add(row);
	}
	return inIdOrder(found).map(({ id, kind, internalId: ours, reason, createdBy, createdAt }) => ({
		id,
		kind: kind === 'record' ? 'record' : 'pair',
		side: kind === 'record' ? (ours === null ? 'external' : 'internal') : null,
		reason,
		createdBy,
		createdAt
	}));
}

/** `deleteExclusions` in memory. */
export function deleteExclusions(tables: Tables, exclusions: readonly { id: string }[]): void {
	for (const { id } of exclusions) {
		const row = tables.exclusions.get(id);
		if (row) tables.exclusions.remove(row);
	}
}

/** `insertExclusions` in memory. */
export function insertExclusions(
	tables: Tables,
	pair: Pair,
	input: { pair: boolean; internal: boolean; external: boolean; reason: string; createdBy: string }
): void {
	const { channelId, entity, internalId, externalId, variantId } = pair;
	const said = { channelId, entity, reason: input.reason, createdBy: input.createdBy };
	if (input.pair) insertUnlessThere(tables, { ...said, kind: 'pair', internalId, externalId, variantId });
	if (input.internal) {
		insertUnlessThere(tables, { ...said, kind: 'record', internalId, externalId: null, variantId: '' });
	}
	if (input.external) insertUnlessThere(tables, { ...said, kind: 'record', internalId: null, externalId, variantId });
}

type NewExclusion = Omit<ExclusionRow, 'id' | 'createdAt'>;

function insertUnlessThere(tables: Tables, values: NewExclusion): void {
	if (!sameExclusion(tables, values)) insertExclusion(tables, values);
}

/** INSERT INTO c_channel_exclusion. */
export function insertExclusion(tables: Tables, values: NewExclusion): ExclusionRow {
	return tables.exclusions.insert({ id: tables.exclusions.nextId(), ...values, createdAt: tables.now() });
}

/** The exclusion that says this already. */
export function sameExclusion(
	tables: Tables,
	values: Pick<ExclusionRow, 'channelId' | 'entity' | 'kind' | 'internalId' | 'externalId' | 'variantId'>
): ExclusionRow | undefined {
	const { channelId, entity, kind, internalId, externalId, variantId } = values;
	const some =
		externalId !== null
			? tables.exclusionsOfExternal(channelId, entity, externalId, variantId)
			: tables.exclusionsOfInternal(channelId, entity, internalId ?? '');
	for (const row of some) {
		const same = row.internalId === internalId && row.externalId === externalId && row.variantId === variantId;
		if (row.kind === kind && same) return row;
	}
	return undefined;
}
