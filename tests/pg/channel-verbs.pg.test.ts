import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyApiToken } from '#src/auth/api-token.ts';
import { unseal } from '#src/db/seal.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { linkRecords } from '#src/mappings/link-records.ts';
import {
	createChannel,
	decideHold,
	goLive,
	pauseChannel,
	rearmInstallation,
	replaceCredentials,
	resumeChannel,
	saveChannel,
	saveChannelEntity,
	stopLive
} from '#src/mappings/manage-channel.ts';
import { createToken, revokeToken } from '#src/mappings/manage-tokens.ts';
import { compactLinkCounts } from '#src/store/compact-link-counts.ts';
import { reserveEffects } from '#src/store/reserve-effects.ts';
import { testDatabase } from './database.ts';
import { aChannel, administrator, anExternal, aProduct, linkRow, operator, secretKey, settle } from './people.ts';

const database = await testDatabase();
const { db } = database;
afterAll(database.close);

let channelId: string;
beforeAll(async () => {
	channelId = await aChannel(db);
});

const at = () => ({ channelId, entity: 'product', ...administrator });
const settings = async () => {
	const [row] = await db.execute<Record<string, unknown> & { settings_rev: number }>(
		sql`select * from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = 'product'`
	);
	if (!row) throw new Error('no settings');
	return row;
};
const save = async (change: object) =>
	saveChannelEntity(db, { ...at(), settingsRev: (await settings()).settings_rev, ...change });
const candidates = async () =>
	(await db.execute<{ key: string }>(sql`select side || ' ' || record_id as key from sync_candidate order by 1`)).map(
		({ key }) => key
	);

test('a new channel watches; its credentials are stored sealed and appear nowhere else', async () => {
	const input = { name: 'Shop', connector: 'rest', settings: { url: 'http://shop' }, entities: ['product'], secretKey };
	const made = await createChannel(db, { ...input, credentials: { password: 'hunter2' }, ...administrator });
	if (!made.ok) throw new Error(made.message);
	const [row] = await db.execute<{ credentials: Record<string, string>; changed: Record<string, { by: string }> }>(
		sql`select credentials, credentials_changed as changed from c_channel where id = ${made.channelId}::bigint`
	);
	expect(unseal(secretKey, row?.credentials['password'] ?? '', made.channelId, 'password')).toBe('hunter2');
	expect(row?.changed['password']?.by).toBe('administrator@example.org');
	const live = await db.execute(
		sql`select push_live, pull_live, auto_create_external, auto_create_internal from c_channel_entity where c_channel_id = ${made.channelId}::bigint`
	);
	expect(live).toEqual([
		{ push_live: false, pull_live: false, auto_create_external: false, auto_create_internal: false }
	]);

	await replaceCredentials(db, {
		channelId: made.channelId,
		secretKey,
		entered: { password: '', token: 's3cret' },
		...administrator
	});
	const [after] = await db.execute<{ credentials: Record<string, string> }>(
		sql`select credentials from c_channel where id = ${made.channelId}::bigint`
	);
	expect(after?.credentials['password']).toBe(row?.credentials['password']);
	expect(unseal(secretKey, after?.credentials['token'] ?? '', made.channelId, 'token')).toBe('s3cret');
	const written = JSON.stringify(
		await db.execute(sql`select a.detail, d.inputs, d.changes from audit_event a full join sync_decision d on false`)
	);
	expect(written).not.toMatch(/hunter2|s3cret/);
	expect(written).toContain('token');

	expect(await createChannel(db, { ...input, credentials: {}, ...administrator })).toMatchObject({
		kind: 'invalid',
		field: 'name'
	});
	expect(await saveChannel(db, { channelId: made.channelId, name: 'ERP', ...administrator })).toMatchObject({
		kind: 'invalid',
		field: 'name'
	});
	expect(
		await createChannel(db, { ...input, name: 'X', entities: ['planet'], credentials: {}, ...administrator })
	).toMatchObject({ kind: 'unknown-entity' });
	expect(await createChannel(db, { ...input, name: 'X', credentials: {}, ...operator })).toMatchObject({
		kind: 'not-allowed'
	});
});

test('going live marks what waited; stopping ends automatic creation in that direction', async () => {
	const internalId = await aProduct(db, 'L-1');
	const externalId = await anExternal(db, channelId, 'L-1');
	const link = await linkRecords(db, {
		channelId,
		entity: 'product',
		internalId,
		externalId,
		variantId: '',
		...operator
	});
	const linkId = link.ok ? link.linkId : '';
	await settle(db, linkId);
	await db.execute(
		sql`update c_channel_map_product set status = 'pending', waiting = 'push' where id = ${linkId}::bigint`
	);
	expect(await goLive(db, { ...at(), direction: 'push' })).toEqual({ ok: true, changed: true });
	expect(await linkRow(db, linkId)).toMatchObject({ dirty: true });
	expect(await goLive(db, { ...at(), direction: 'push' })).toEqual({ ok: true, changed: false });
	expect(await save({ autoCreateExternal: true })).toMatchObject({ ok: true });
	expect(await stopLive(db, { ...at(), direction: 'push' })).toEqual({ ok: true, changed: true });
	expect(await settings()).toMatchObject({ push_live: false, auto_create_external: false });
	expect(await goLive(db, { ...at(), ...operator, direction: 'push' })).toMatchObject({ kind: 'not-allowed' });
	expect(await goLive(db, { ...at(), channelId: '999', direction: 'push' })).toMatchObject({ kind: 'unknown-channel' });
});

test('automatic creation needs the direction live, and then considers every record that is free', async () => {
	await db.execute(sql`delete from sync_candidate`);
	const [free, aside] = [await aProduct(db, 'F-1'), await aProduct(db, 'F-2')];
	await db.execute(
		sql`insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, created_by) values (${channelId}::bigint, 'product', 'record', ${aside}::bigint, 'me')`
	);
	await anExternal(db, channelId, 'free');
	await anExternal(db, channelId, 'gone');
	await db.execute(sql`update c_channel_record set deleted_at = now() where external_id = 'gone'`);
	expect(await save({ autoCreateExternal: true })).toMatchObject({ kind: 'not-allowed', field: 'autoCreateExternal' });
	expect(await save({ autoCreateInternal: true })).toMatchObject({ kind: 'not-allowed', field: 'autoCreateInternal' });
	await goLive(db, { ...at(), direction: 'push' });
	await goLive(db, { ...at(), direction: 'pull' });
	expect(await save({ autoCreateExternal: true })).toMatchObject({ ok: true });
	expect(await candidates()).toEqual([`internal ${free}`]);
	expect(await save({ autoCreateInternal: true })).toMatchObject({ ok: true });
	expect(await candidates()).toEqual(['external free', `internal ${free}`]);
});

test('settings are saved as seen, malformed ones refused by name', async () => {
	const { settings_rev: settingsRev } = await settings();
	const saves = await Promise.all(
		[1, 2].map(() => saveChannelEntity(db, { ...at(), settingsRev, schedule: { everySeconds: 60 } }))
	);
	expect(saves.map((result) => (result.ok ? 'ok' : result.kind)).toSorted()).toEqual(['ok', 'stale']);
	for (const schedule of [
		{ everySeconds: 4 },
		{ everySeconds: 86_401 },
		{ cron: 'now and then', zone: 'UTC' },
		{ cron: '* * * * * *', zone: 'UTC' },
		{ cron: '0 6 * * *', zone: 'Moon/Base' }
	]) {
		expect(await save({ schedule })).toMatchObject({ kind: 'invalid', field: expect.stringMatching(/^schedule/) });
	}
	expect(await save({ schedule: { cron: '30 6 * * 1-5', zone: 'Europe/Berlin' } })).toMatchObject({ ok: true });
	expect(await save({ policy: { conflict: 'coin-toss' } })).toMatchObject({
		kind: 'invalid',
		field: 'policy.conflict'
	});
	expect(await save({ policy: { conflict: 'ask' } })).toMatchObject({ ok: true });
	expect((await settings())['policy']).toMatchObject({ conflict: 'ask', ceilings: { creates: { count: 50 } } });
});

test('another direction for a field looks at every link again', async () => {
	const internalId = await aProduct(db, 'D-1');
	const externalId = await anExternal(db, channelId, 'D-1');
	const link = await linkRecords(db, {
		channelId,
		entity: 'product',
		internalId,
		externalId,
		variantId: '',
		...operator
	});
	const linkId = link.ok ? link.linkId : '';
	await settle(db, linkId);
	await save({ schedule: { everySeconds: 10 } });
	expect(await linkRow(db, linkId)).toMatchObject({ dirty: false });
	await save({ policy: { fields: { price: { direction: 'off' } } } });
	expect(await linkRow(db, linkId)).toMatchObject({ dirty: true, status: 'in-sync' });
});

test('settings are saved as they were read, the rules that an entity starts with included', async () => {
	const { policy: before } = await settings();
	const policy = { ...(before as object), fields: { parent: { firstContact: 'fill-blanks' } } };
	expect(await save({ policy })).toMatchObject({ ok: true });
	expect((await settings())['policy']).toMatchObject({ fields: { parent: { firstContact: 'fill-blanks' } } });
});

test('a paused channel is resumed by a person; one paused as a copy only after re-arming', async () => {
	expect(await pauseChannel(db, { channelId, ...administrator })).toEqual({ ok: true, name: 'ERP', changed: true });
	expect(await resumeChannel(db, { channelId, ...administrator })).toMatchObject({ ok: true, changed: true });
	await db.execute(
		sql`insert into sync_installation (key, system_identifier, database_name, origin) values ('k', '1', 'other', 'https://other')`
	);
	await db.execute(sql`update c_channel set paused_at = now(), paused_reason = 'copy' where id = ${channelId}::bigint`);
	expect(await resumeChannel(db, { channelId, ...administrator })).toMatchObject({ kind: 'not-allowed' });
	expect(await rearmInstallation(db, { origin: 'https://here', ...operator })).toMatchObject({ kind: 'not-allowed' });
	expect(await rearmInstallation(db, { origin: 'https://here', ...administrator })).toEqual({ ok: true, channels: 1 });
	const [now] = await db.execute(
		sql`select origin, key, database_name = current_database() as here from sync_installation`
	);
	expect(now).toEqual({ origin: 'https://here', key: 'k', here: true });
	expect(await resumeChannel(db, { channelId, ...administrator })).toMatchObject({ ok: true, changed: true });
});

test('an approved hold lets as many more happen; a discarded one puts the entity back to watching', async () => {
	const reserve = (wanted: number) =>
		db.transaction((tx) =>
			reserveEffects(tx, { channelId, entity: 'product', kind: 'creates', limit: 2, wanted, runId: null })
		);
	const hold = async () =>
		(await db.execute<{ id: string }>(sql`select id::text as id from sync_hold where state = 'open'`))[0]?.id ?? '';
	expect(await reserve(5)).toBe(2);
	const holdId = await hold();
	await db.execute(sql`delete from sync_candidate`);
	const decisions = await Promise.all([1, 2].map(() => decideHold(db, { holdId, decision: 'approve', ...operator })));
	expect(decisions.map((result) => (result.ok ? result.waiting : result.kind)).toSorted()).toEqual([3, 'stale']);
	expect((await candidates()).length).toBeGreaterThan(0);
	expect(await reserve(4)).toBe(3);
	expect(await settings()).toMatchObject({ push_live: true, pull_live: true });
	await decideHold(db, { holdId: await hold(), decision: 'discard', ...operator });
	expect(await settings()).toMatchObject({
		push_live: false,
		pull_live: false,
		auto_create_external: false,
		auto_create_internal: false
	});
});

test('a token works until it is revoked; only its hash is kept', async () => {
	const made = await createToken(db, { name: 'nightly', role: 'operator', ...administrator });
	if (!made.ok) throw new Error(made.message);
	expect(await verifyApiToken(db, made.token)).toEqual({ name: 'nightly', role: 'operator' });
	expect(JSON.stringify(await db.execute(sql`select * from api_token, audit_event`))).not.toContain(made.token);
	expect(await revokeToken(db, { tokenId: made.tokenId, ...administrator })).toEqual({ ok: true });
	expect(await verifyApiToken(db, made.token)).toBeNull();
	expect(await revokeToken(db, { tokenId: made.tokenId, ...administrator })).toMatchObject({ kind: 'nothing-to-undo' });
	expect(await createToken(db, { name: 'x', role: 'operator', ...operator })).toMatchObject({ kind: 'not-allowed' });
});

test('compacted link counts say the same, also while links are made and compacted at once', async () => {
	const product = entityNamed('product');
	const sums = () =>
		db.execute(
			sql`select c_channel_id, entity, status, sum(links)::int as links from sync_link_count group by 1, 2, 3 having sum(links) <> 0 order by 1, 2, 3`
		);
	const real = () =>
		db.execute(
			sql`select c_channel_id, ${product?.name}::text as entity, status, count(*)::int as links from c_channel_map_product group by 1, 2, 3 order by 1, 2, 3`
		);
	const ids = await Promise.all(Array.from({ length: 8 }, (_, index) => aProduct(db, `K-${index}`)));
	await Promise.all(ids.map((_, index) => anExternal(db, channelId, `K-${index}`)));
	await Promise.all([
		...ids.map((internalId, index) =>
			linkRecords(db, {
				channelId,
				entity: 'product',
				internalId,
				externalId: `K-${index}`,
				variantId: '',
				...operator
			})
		),
		compactLinkCounts(db),
		compactLinkCounts(db)
	]);
	expect(await sums()).toEqual(await real());
	await compactLinkCounts(db);
	expect(await sums()).toEqual(await real());
	const [rows] = await db.execute<{ n: number }>(sql`select count(*)::int as n from sync_link_count`);
	expect(rows?.n).toBe((await real()).length);
});
