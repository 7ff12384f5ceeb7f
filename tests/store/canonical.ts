import { entities, entityNamed } from '#src/entities/registry.ts';
import { stable, type Dump } from './dump.ts';
import { fixtureRevs } from './fixture.ts';

type Row = Readonly<Record<string, unknown>>;

/** Ids that the fixture did not hand out: see there. */
const newId = /7\d{9}/g;

/**
 * What two calls returned and left behind, as lines of text that are equal where nobody could tell two runs apart: new ids
 * are named by what their row says, not by who was first; differences of the link counts are summed up; sealed credentials
 * are only there or not; a refusal is a refusal, whichever of two true reasons it names.
 */
export function canonicalLines(results: readonly unknown[], dump: Dump): string[] {
	const names = new Map<string, string>();
	const named = (text: string) => text.replace(newId, (id) => names.get(id) ?? `<${id.slice(0, 4)}>`);
	const assign = (text: string) => {
		for (const [id] of text.matchAll(newId)) if (!names.has(id)) names.set(id, `<${id.slice(0, 4)} no ${names.size}>`);
	};
	const texts = results.map((result) => stable(isRefusal(result) ? 'refused' : result));
	for (const text of texts) assign(text);
	const tables = Object.entries(dump).sort(([a], [b]) => (a < b ? -1 : 1));
	const rows = tables.flatMap(([table, all]) => visible(table, all, dump).map((row) => `${table} ${stable(row)}`));
	const byName = rows.filter((row) => row.search(newId) >= 0).map((row) => ({ row, name: named(row) }));
	for (const { row } of byName.sort((a, b) => (a.name < b.name ? -1 : 1))) assign(row);
	return [...texts.map((text, index) => `result ${index} ${named(text)}`), ...rows.map(named).sort()];
}

/** A person's verb said no. */
export const isRefusal = (result: unknown): boolean =>
	typeof result === 'object' && result !== null && 'ok' in result && result.ok === false;

function visible(table: string, rows: readonly Row[], dump: Dump): readonly Row[] {
	if (table === 'sync_link_count') return sums(rows);
	if (table === 'sync_candidate') return rows.filter((row) => isFree(row, dump));
	if (table === 'link_history') return rows.map((row) => ({ ...row, row: withoutSequence(row['row'] as Row) }));
	if (linkTables.has(table)) return rows.map(withoutIdleSequence);
	if (table === 'c_channel_webhook') return rows.map(withoutSeals);
	if (table !== 'c_channel') return rows;
	return rows.map((row) => ({ ...row, credentials: Object.keys(row['credentials'] as object).sort() }));
}

/** A sealed secret differs by its nonce. */
export const withoutSeals = (row: Row): Row => ({
	...row,
	secret: 'sealed',
	previous_secret: row['previous_secret'] === null ? null : 'sealed'
});

const linkTables = new Set(entities.map(({ mapNames }) => mapNames.table));
const withoutSequence = ({ dirty_seq: _, ...row }: Row): Row => row;

/**
 * How often a dirty link was marked matters to a worker only who has seen it before. Where its state moved, nothing that
 * such a worker brings is taken, and who claims it anew starts from the number then.
 */
function withoutIdleSequence(row: Row): Row {
	const dirty = BigInt(String(row['dirty_seq'])) > BigInt(String(row['clean_seq']));
	const unseen = row['state_rev'] !== fixtureRevs.get(String(row['id']));
	return dirty && unseen ? { ...withoutSequence(row), dirty } : row;
}

/**
 * The waiting list is a hint: `readCandidates` leaves out what is linked, excluded, gone or being created, so that nobody
 * can tell whether it is still listed.
 */
function isFree(candidate: Row, dump: Dump): boolean {
	const has = (table: string, columns: Row) =>
		(dump[table] ?? []).some((row) => Object.entries(columns).every(([column, value]) => row[column] === value));
	const entity = entityNamed(String(candidate['entity']));
	const at = { c_channel_id: candidate['c_channel_id'] };
	const id = candidate['record_id'];
	if (!entity) return true;
	const { table, internalColumn, externalColumn } = entity.mapNames;
	const excluded = { ...at, entity: entity.name, kind: 'record' };
	if (candidate['side'] === 'internal') {
		return (
			has(entity.recordTable, { id }) &&
			!has(table, { ...at, [internalColumn]: id }) &&
			!has('c_channel_exclusion', { ...excluded, internal_id: id }) &&
			!has('sync_intent', { ...at, entity: entity.name, internal_id: id })
		);
	}
	const external = { external_variant_id: candidate['external_variant_id'] };
	return (
		has('c_channel_record', { ...at, ...external, entity: entity.name, external_id: id, deleted_at: null }) &&
		!has(table, { ...at, ...external, [externalColumn]: id }) &&
		!has('c_channel_exclusion', { ...excluded, ...external, external_id: id })
	);
}

function sums(rows: readonly Row[]): Row[] {
	const byKey = new Map<string, number>();
	for (const row of rows) {
		const key = stable([row['c_channel_id'], row['entity'], row['status']]);
		byKey.set(key, (byKey.get(key) ?? 0) + Number(row['links']));
	}
	return [...byKey].filter(([, links]) => links !== 0).map(([key, links]) => ({ key, links }));
}
