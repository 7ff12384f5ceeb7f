import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { BulkSelection } from '#src/db/schema/bulk.ts';
import type { StartedKind } from '#src/store/bulk/bulk-job.ts';
import { performBulkBatch } from '#src/store/bulk/perform-bulk-batch.ts';
import { startBulkJob, startUndoJob, type StartBulkJobResult } from '#src/store/bulk/start-bulk-job.ts';
import { createPeopleStore, type PeopleStore } from '#src/store/people.ts';
import { canonicalLines } from './canonical.ts';
import { ann } from './cases/verb-case.ts';
import { prepareDump, type Dump } from './dump.ts';
import { prepareFixture, type Fixture } from './fixture.ts';
import { untold } from './replayed.ts';
import { openVirtualClockDatabase, type VirtualClockDatabase } from './virtual-clock-database.ts';

let database: VirtualClockDatabase;
let fixture: Fixture;
let dump: () => Promise<Dump>;
let people: PeopleStore;

beforeAll(async () => {
	database = await openVirtualClockDatabase(inject('templateUrl'));
	fixture = await prepareFixture(database);
	dump = await prepareDump(database.db);
	people = createPeopleStore(database.db);
});
beforeEach(() => fixture.restore());
afterAll(async () => {
	await fixture.close();
	await database.close();
});

const everything: BulkSelection = { status: null, q: '', uptoId: '999', exceptIds: [] };
/** The product links of the first channel, two further ones of a record included. */
const allLinks = ['1', '2', '3', '4', '5', '8', '9', '10'];
const here = { channelId: '1', entity: 'product', ...ann };

async function perform(start: Promise<StartBulkJobResult>, limit: number): Promise<string> {
	const job = await start;
	if (!job.ok) throw new Error(job.message);
	const may = () => true;
	while (!(await performBulkBatch(database.db, { jobId: job.jobId, limit, may })).over);
	return job.jobId;
}

const bulk = (kind: StartedKind, expected: number, selection = everything, limit = 2) =>
	perform(startBulkJob(database.db, { ...here, kind, selection, expected }), limit);

/** What is left behind, but for what says that it was done in bulk. */
async function left(): Promise<string[]> {
	const { audit_event: _, sync_bulk_job: __, ...tables } = await dump();
	const plain = JSON.parse(JSON.stringify(tables), (key, value: unknown) => {
		if (key === 'bulk_job_id') return null;
		if (key === 'changes') return (value as { field: string }[]).toSorted((a, b) => (a.field < b.field ? -1 : 1));
		return key === 'bulkJobId' ? undefined : value;
	}) as Dump;
	return canonicalLines([], plain);
}

const snapshot = () =>
	database.db.execute(
		sql`select cm_snapshot_links('product', 'c_channel_map_product', 'm_product_id', 'external_product_id'),
			cm_snapshot_links('business-partner', 'c_channel_map_bpartner', 'c_bpartner_id', 'external_bpartner_id')`
	);

test.each([1, 2, 100])('links ended in slices of %i leave what as many single ends leave', async (limit) => {
	for (const linkId of allLinks) await people.unlinkRecords({ ...ann, entity: 'product', linkId });
	const one = await left();
	await fixture.restore();
	await bulk('unlink', allLinks.length, everything, limit);
	expect(await left()).toEqual(one);
});

test('links that came back are as they were, and all marks of their end are gone', async () => {
	await snapshot();
	const before = await dump();
	const jobId = await bulk('unlink', allLinks.length);
	expect((await dump())['c_channel_map_product']).toEqual([]);
	await perform(startUndoJob(database.db, { ...ann, jobId }), 2);
	const after = await dump();
	const same = ({
		updated_at: _,
		state_rev: __,
		dirty_seq: ___,
		claimed_by: ____,
		claimed_until: _____,
		...row
	}: Dump[string][number]) => row;
	expect(after['c_channel_map_product']?.map(same)).toEqual(before['c_channel_map_product']?.map(same));
	expect(after['c_channel_exclusion']).toEqual(before['c_channel_exclusion']);
	expect(after['sync_conflict']).toEqual(before['sync_conflict']);
	expect(untold(after)).toBeNull();
});

test('a bulk retry leaves what a single one leaves', async () => {
	await people.retryQuarantined({ ...ann, entity: 'product', linkIds: allLinks });
	const one = await left();
	await fixture.restore();
	await bulk('retry', 1);
	expect(await left()).toEqual(one);
});

test.each([
	['push', 'internal'],
	['pull', 'external']
] as const)('%s settles every open conflict as a person would who chose the %s side', async (kind, side) => {
	await snapshot();
	const choices = { price: side, name: side };
	const at = { entity: 'product', linkId: '2', internalRev: '1', externalVersion: 'v1' };
	await people.resolveConflicts({ ...ann, ...at, choices });
	const one = await left();
	await fixture.restore();
	await snapshot();
	await bulk(kind, 1, { ...everything, status: 'conflict' });
	expect(untold(await dump())).toBeNull();
	expect(await left()).toEqual(one);
});
