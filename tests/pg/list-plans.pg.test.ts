import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '#src/db/client.ts';
import { product } from '#src/entities/product/index.ts';
import { inboxCounts } from '#src/mappings/inbox-counts.ts';
import { linkCounts, pastedLinkCounts } from '#src/mappings/link-counts.ts';
import { listAwaiting } from '#src/mappings/list-awaiting.ts';
import { listConflicts } from '#src/mappings/list-conflicts.ts';
import { listDecisions } from '#src/mappings/list-decisions.ts';
import { listLinks } from '#src/mappings/list-links.ts';
import { listProblems, problemGroups } from '#src/mappings/list-problems.ts';
import { listRecords } from '#src/mappings/list-records.ts';
import { listSuggestions } from '#src/mappings/list-suggestions.ts';
import { listUnlinkedExternal } from '#src/mappings/list-unlinked-external.ts';
import { listUnlinkedInternal } from '#src/mappings/list-unlinked-internal.ts';
import { pasteList } from '#src/mappings/paste-list.ts';
import { previewBulkJob } from '#src/mappings/preview-bulk-job.ts';
import { readLink } from '#src/mappings/read-link.ts';
import { readPastedList } from '#src/mappings/read-pasted-list.ts';
import { recordLinks } from '#src/mappings/record-links.ts';
import { searchEverything } from '#src/mappings/search-everything.ts';
import { unlinkedCounts } from '#src/mappings/unlinked-counts.ts';
import { testDatabase } from './database.ts';
import { operator } from './people.ts';

/** Enough links for the planner to choose an index. */
const links = 10_000;
/** Tables that have a row for every link; our own records are few enough here that reading all of them can be the best plan. */
const large = ['c_channel_map_product', 'c_channel_record'];

const database = await testDatabase();
afterAll(database.close);

const statements: { query: string; params: unknown[] }[] = [];
const listening = drizzle(database.db.$client, {
	logger: { logQuery: (query, params) => void statements.push({ query, params }) }
}) as unknown as Db;
let at: { channelId: string; entity: string };
let linkId: string;
let recordId: string;
let listId: string;

beforeAll(async () => {
	const seed = path.join(import.meta.dirname, '../../src/demo/seed-links.ts');
	await promisify(execFile)(process.execPath, [seed, '--links', String(links)], {
		env: { ...process.env, DATABASE_URL: database.url }
	});
	const [row] = await database.db.execute<{ channelId: string; linkId: string; recordId: string }>(sql`
		select c_channel_id::text as "channelId", id::text as "linkId", m_product_id::text as "recordId" from c_channel_map_product where external_product_id = 'S777'`);
	at = { channelId: row?.channelId ?? '', entity: 'product' };
	linkId = row?.linkId ?? '';
	recordId = row?.recordId ?? '';
	const entries = Array.from({ length: 300 }, (_, place) => `SEED-${String(place * 3).padStart(7, '0')}`);
	const kept = await pasteList(database.db, { ...at, entries: [...entries, 'nowhere'], ...operator });
	listId = kept.ok ? kept.listId : '';
	await database.db.execute(
		sql`insert into m_product (value, name) select 'OUT-' || n, 'Out ' || n from generate_series(1, 2000) n`
	);
	await database.db.execute(sql`
		insert into c_channel_record (c_channel_id, entity, external_id, fields)
		select ${at.channelId}::bigint, 'product', 'OUT-' || n, jsonb_build_object('value', 'OUT-' || n) from generate_series(1, 2000) n`);
	const condition = { field: 'value', type: 'text', operator: 'starts-with', value: 'SEED-' };
	const scope = JSON.stringify({ internal: [condition], external: [condition] });
	await database.db.execute(sql`
		update c_channel_entity set policy = policy || jsonb_build_object('scope', ${scope}::text::jsonb)
		where c_channel_id = ${at.channelId}::bigint and entity = 'product'`);
	await database.db.execute(sql`analyze`);
}, 300_000);

const outOfScope = (cursor: string | null) => ({ ...at, outside: true, cursor });

type Paged = (cursor: string | null) => Promise<{ next: string | null }>;
/** The page where such a list begins, and the one after it. */
const twoPages = async (list: Paged) => {
	const { next } = await list(null);
	if (next !== null) await list(next);
};

const lists: [string, () => Promise<unknown>][] = [
	['links', () => twoPages((cursor) => listLinks(listening, { ...at, cursor }))],
	...['in-sync', 'pending', 'awaiting', 'conflict', 'failed', 'quarantined', 'orphan'].map(
		(status): [string, () => Promise<unknown>] => [
			`links that are ${status}`,
			() => twoPages((cursor) => listLinks(listening, { ...at, status, cursor }))
		]
	),
	['links by code', () => listLinks(listening, { ...at, q: 'SEED-0000777' })],
	['links by external id', () => listLinks(listening, { ...at, q: 'S777' })],
	['links by a name that is rare', () => listLinks(listening, { ...at, q: 'Fjord stove 1234' })],
	['links by a name that is nowhere', () => listLinks(listening, { ...at, q: 'no such thing' })],
	['counts of links', () => linkCounts(listening, at)],
	['unlinked records of ours', () => twoPages((cursor) => listUnlinkedInternal(listening, { ...at, cursor }))],
	['unlinked records of theirs', () => twoPages((cursor) => listUnlinkedExternal(listening, { ...at, cursor }))],
	['excluded records of ours', () => listUnlinkedInternal(listening, { ...at, excluded: true })],
	['excluded records of theirs', () => listUnlinkedExternal(listening, { ...at, excluded: true })],
	['records of ours out of scope', () => twoPages((cursor) => listUnlinkedInternal(listening, outOfScope(cursor)))],
	['records of theirs out of scope', () => twoPages((cursor) => listUnlinkedExternal(listening, outOfScope(cursor)))],
	[
		'records of ours out of scope by code',
		() => listUnlinkedInternal(listening, { ...outOfScope(null), q: 'OUT-777' })
	],
	['counts of unlinked records', () => unlinkedCounts(listening, at)],
	['suggestions', () => twoPages((cursor) => listSuggestions(listening, { ...at, cursor }))],
	['suggestions of all channels', () => twoPages((cursor) => listSuggestions(listening, { cursor }))],
	['conflicts', () => twoPages((cursor) => listConflicts(listening, { ...at, state: 'open', cursor }))],
	['conflicts of all channels', () => twoPages((cursor) => listConflicts(listening, { state: 'open', cursor }))],
	['settled conflicts', () => listConflicts(listening, { ...at, state: 'settled' })],
	['problems', () => twoPages((cursor) => listProblems(listening, { cursor }))],
	['problems of a channel', () => twoPages((cursor) => listProblems(listening, { ...at, cursor }))],
	['problems by cause', () => problemGroups(listening, {})],
	['what is waited for', () => twoPages((cursor) => listAwaiting(listening, { cursor }))],
	['counts of the inbox', () => inboxCounts(listening)],
	['records', () => twoPages((cursor) => listRecords(listening, { entity: 'product', cursor }))],
	['records by name', () => listRecords(listening, { entity: 'product', q: 'Summit rope 1234' })],
	['search by code', () => searchEverything(listening, { q: 'SEED-0000777' })],
	['search by external id', () => searchEverything(listening, { q: 'S777' })],
	['search by name', () => searchEverything(listening, { q: 'Polar mug' })],
	['links of a pasted list', () => twoPages((cursor) => listLinks(listening, { ...at, listId, cursor }))],
	['links of a pasted list by name', () => listLinks(listening, { ...at, listId, q: 'stove' })],
	['counts of the links of a pasted list', () => pastedLinkCounts(listening, { ...at, entity: product, listId })],
	...(['linked', 'internal', 'external', 'internal-excluded', 'external-excluded'] as const).map(
		(place): [string, () => Promise<unknown>] => [
			`what became of a pasted list: ${place}`,
			() => readPastedList(listening, { ...at, entity: product, listId, place })
		]
	),
	['unlinked records of ours of a pasted list', () => listUnlinkedInternal(listening, { ...at, listId })],
	['unlinked records of theirs of a pasted list', () => listUnlinkedExternal(listening, { ...at, listId })],
	['counts of unlinked records of a pasted list', () => unlinkedCounts(listening, { ...at, listId })],
	[
		'links of a pasted list, for a bulk job',
		() =>
			previewBulkJob(listening, {
				...at,
				entity: product,
				kind: 'unlink',
				selection: { status: null, q: '', listId, uptoId: '999999', exceptIds: [] }
			})
	],
	['a link', () => readLink(listening, { entity: 'product', id: linkId })],
	['the links of a record', () => recordLinks(listening, { entity: 'product', id: recordId })],
	['the journal of a link', () => listDecisions(listening, { entity: 'product', linkId })],
	['the journal of a record', () => listDecisions(listening, { entity: 'product', recordId })]
];

test.each(lists)('%s are read without going through a whole table', async (_, read) => {
	statements.length = 0;
	await read();
	const asked = [...statements];
	expect(asked).not.toEqual([]);
	const through: string[] = [];
	for (const { query, params } of asked) {
		const [row] = await database.db.$client.unsafe(`explain (format json) ${query}`, params as never[]);
		for (const { table, nodeType } of scans(row?.['QUERY PLAN'])) {
			if (nodeType === 'Seq Scan' && large.includes(table))
				through.push(`${table} in: ${query.replaceAll(/\s+/g, ' ')}`);
		}
	}
	expect(through).toEqual([]);
});

type Plan = { 'Node Type'?: string; 'Relation Name'?: string; Plans?: Plan[] };

function scans(explained: { Plan: Plan }[]): { table: string; nodeType: string }[] {
	const of = (plan: Plan): { table: string; nodeType: string }[] => [
		...(plan['Relation Name'] ? [{ table: plan['Relation Name'], nodeType: plan['Node Type'] ?? '' }] : []),
		...(plan.Plans ?? []).flatMap(of)
	];
	return explained.flatMap(({ Plan }) => of(Plan));
}
