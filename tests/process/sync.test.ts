import { createHmac } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seal } from '#src/db/seal.ts';
import { secretKey, startProcesses, until, type ProcessWorld } from './world.ts';

let world: ProcessWorld;

beforeAll(async () => {
	world = await startProcesses();
});
afterAll(async () => {
	expect(await world.stop()).toBe(0);
});

const detectMs = 15_000;

type Linked = { id: string; linkId: string; externalId: string; shopId: string };

/** The nth product that is in sync with ERP and Shop. */
async function linkedProduct(n: number): Promise<Linked> {
	const [row] = await world.db.execute<Linked>(sql`
		select p.id::text as id, e.id::text as "linkId", e.external_product_id as "externalId", s.external_product_id as "shopId"
		from m_product p join c_channel_map_product e on e.m_product_id = p.id join c_channel ec on ec.id = e.c_channel_id and ec.name = 'ERP'
		join c_channel_map_product s on s.m_product_id = p.id join c_channel sc on sc.id = s.c_channel_id and sc.name = 'Shop'
		where e.status = 'in-sync' and s.status = 'in-sync' order by p.id offset ${n} limit 1`);
	if (!row) throw new Error(`there is no linked product ${n}`);
	return row;
}

const inErp = async (id: string) => world.erp.call('GET', `/products/${id}`);
const ours = async (id: string) =>
	(
		await world.db.execute<{ name: string; description: string | null }>(
			sql`select name, description from m_product where id = ${id}::bigint`
		)
	)[0];

/** Where every link row lies on disk: any update moves it, at once and not only when statistics arrive. */
async function linkRows(): Promise<string[]> {
	const rows = await world.db.execute<{ row: string }>(sql`
		select 'product ' || id || ' ' || status || ' ' || ctid || ' ' || xmin as row from c_channel_map_product
		union all select 'partner ' || id || ' ' || status || ' ' || ctid || ' ' || xmin from c_channel_map_bpartner order by 1`);
	return rows.map(({ row }) => row);
}

/** Waits until nothing is left to do: no row moves over two cycles of both channels. */
async function restingLinkRows(): Promise<string[]> {
	return until('the link tables come to rest', 60_000, async () => {
		const before = await linkRows();
		await world.cycles(2);
		await world.cycles(2, 'Shop');
		const after = await linkRows();
		return before.join() === after.join() && after;
	});
}

it(
	'carries edits both ways and on to the other channel, and then leaves everything alone',
	{ timeout: 120_000 },
	async () => {
		const one = await linkedProduct(0);
		const two = await linkedProduct(1);
		await world.db.execute(sql`update m_product set name = 'Edited in psql' where id = ${one.id}::bigint`);
		await world.erp.call('PATCH', `/products/${two.externalId}`, { name: 'Edited in the ERP' });
		await until(
			'our edit is in the ERP',
			detectMs,
			async () => (await inErp(one.externalId))['name'] === 'Edited in psql'
		);
		await until('the ERP edit is ours', detectMs, async () => (await ours(two.id))?.name === 'Edited in the ERP');
		await until(
			'the ERP edit is in the Shop',
			detectMs,
			async () => (await world.shop.call('GET', `/products/${two.shopId}`))['title'] === 'Edited in the ERP'
		);

		const writes = async () =>
			(await world.erp.log()).filter(({ method, by }) => method !== 'GET' && by === 'key').length;
		const resting = await restingLinkRows();
		const before = await writes();
		await world.cycles(20);
		expect(await writes()).toBe(before);
		expect(await linkRows()).toEqual(resting);
	}
);

it(
	'keeps edits of different fields on both sides, and settles the same field by the newest with the loser in the journal',
	{ timeout: 60_000 },
	async () => {
		const both = await linkedProduct(2);
		await world.db.execute(sql`update m_product set name = 'Our name' where id = ${both.id}::bigint`);
		await world.erp.call('PATCH', `/products/${both.externalId}`, { description: 'Their description' });
		await until('both edits are on both sides', detectMs, async () => {
			const record = await inErp(both.externalId);
			const row = await ours(both.id);
			return (
				record['name'] === 'Our name' &&
				record['description'] === 'Their description' &&
				row?.name === 'Our name' &&
				row.description === 'Their description'
			);
		});

		const same = await linkedProduct(3);
		await world.whilePaused('ERP', async () => {
			await world.db.execute(sql`update m_product set name = 'First, ours' where id = ${same.id}::bigint`);
			await until('our edit is half a second old', 5000, async () => {
				const [row] = await world.db.execute<{ old: boolean }>(
					sql`select clock_timestamp() > updated_at + interval '500 milliseconds' as old from m_product where id = ${same.id}::bigint`
				);
				return row?.old;
			});
			await world.erp.call('PATCH', `/products/${same.externalId}`, { name: 'Then, theirs' });
		});
		const conflict = await until('the conflict is settled or asked', detectMs, async () => {
			const [row] = await world.db.execute<{ state: string; rule: string; winner: string; internal: string }>(
				sql`select state, rule, winner, internal from sync_conflict where link_id = ${same.linkId}::bigint and entity = 'product' and field = 'name' order by id desc limit 1`
			);
			return row;
		});
		expect(conflict).toMatchObject({
			state: 'settled',
			rule: 'newest-wins',
			winner: 'external',
			internal: 'First, ours'
		});
		expect((await ours(same.id))?.name).toBe('Then, theirs');
		const journal = await world.db.execute(
			sql`select 1 from sync_decision where link_id = ${same.linkId}::bigint and changes @> '[{"field":"name","lost":"First, ours"}]'`
		);
		expect(journal).toHaveLength(1);
	}
);

it('after an unlink writes nothing and asks for the record by id no more', { timeout: 60_000 }, async () => {
	const ended = await linkedProduct(4);
	await world.db.execute(
		sql`update c_channel_entity set auto_create_external = true, auto_create_internal = true where entity = 'product' and c_channel_id = ${await world.channelId('ERP')}::bigint`
	);
	const reply = await world.api('DELETE', `/v1/mappings/product/${ended.linkId}`);
	expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(300);
	const endedAt = Date.now();
	await world.db.execute(sql`update m_product set name = 'Not sent' where id = ${ended.id}::bigint`);
	await world.erp.call('PATCH', `/products/${ended.externalId}`, { name: 'Not fetched' });
	const own = (await world.erp.log()).at(-1)?.seq ?? 0;
	await world.cycles(20);
	const named = (await world.erp.log(own)).filter(
		({ id, at }) => id === ended.externalId && Date.parse(at) > endedAt + 2000
	);
	expect(named).toEqual([]);
	expect((await ours(ended.id))?.name).toBe('Not sent');
	expect((await inErp(ended.externalId))['name']).toBe('Not fetched');
	await world.db.execute(sql`update c_channel_entity set auto_create_external = false, auto_create_internal = false`);
});

it('looks at once at what a signed webhook names, long before the next scan', { timeout: 60_000 }, async () => {
	const shopId = await world.channelId('Shop');
	const named = await linkedProduct(5);
	const secret = 'a secret that both sides know';
	await world.db.execute(sql`
		insert into c_channel_webhook (c_channel_id, secret, changed_by)
		values (${shopId}::bigint, ${seal(secretKey, secret, shopId, 'webhook-secret')}, 'test')`);
	const every = (seconds: number) =>
		world.db.execute(
			sql`update c_channel_entity set schedule = ${JSON.stringify({ everySeconds: seconds })}::text::jsonb where c_channel_id = ${shopId}::bigint`
		);
	await every(3600);
	await world.cycles(1, 'Shop');
	await world.shop.call('PATCH', `/products/${named.shopId}`, { title: 'Announced' });
	const body = JSON.stringify({ type: 'product.updated', data: { id: named.shopId, title: 'A lie' } });
	const at = String(Math.floor(Date.now() / 1000));
	const signature = createHmac('sha256', secret).update(`msg_1.${at}.${body}`).digest('base64');
	const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': at };
	const send = (signed: string) =>
		fetch(`${world.engineUrl}/v1/webhooks/${shopId}`, {
			method: 'POST',
			headers: { ...headers, 'webhook-signature': signed },
			body
		});
	expect((await send('v1,AAAA')).status).toBe(401);
	const taken = await send(`v1,${signature}`);
	expect([taken.status, await taken.json()]).toEqual([200, { result: 'accepted' }]);
	await until('the edit is ours', detectMs, async () => (await ours(named.id))?.name === 'Announced');
	expect(await (await send(`v1,${signature}`)).json()).toEqual({ result: 'repeated' });
	const hinted = await world.db.execute(
		sql`select state from sync_run where c_channel_id = ${shopId}::bigint and mode = 'hinted'`
	);
	expect(hinted).toHaveLength(1);
	await every(5);
	expect(world.engineOutput()).not.toContain(secret);
});

it(
	'stops a channel with wrong credentials, says to renew the key, and recovers by itself',
	{ timeout: 60_000 },
	async () => {
		const shopId = await world.channelId('Shop');
		const [channel] = await world.db.execute<{ credentials: Record<string, string> }>(
			sql`select credentials from c_channel where id = ${shopId}::bigint`
		);
		const good = channel?.credentials ?? {};
		const wrong = Object.fromEntries(
			Object.keys(good).map((field) => [field, seal(secretKey, 'wrong', shopId, field)])
		);
		const setCredentials = (credentials: Record<string, string>) =>
			world.db.execute(
				sql`update c_channel set credentials = ${JSON.stringify(credentials)}::text::jsonb where id = ${shopId}::bigint`
			);
		const problem = async () =>
			(
				await world.db.execute<{ kind: string; hint: string }>(sql`
			select problem ->> 'kind' as kind, problem ->> 'hint' as hint from c_channel where id = ${shopId}::bigint and problem is not null`)
			)[0];

		await setCredentials(wrong);
		const shown = await until('the channel says so', detectMs, problem);
		expect(shown).toMatchObject({ kind: 'unauthorized', hint: expect.stringMatching(/renew the key/i) });
		await setCredentials(good);
		await world.cycles(1, 'Shop');
		await until('the channel recovers', detectMs, async () => (await problem()) === undefined);
	}
);

it('killed in the middle of 50 creates ends with exactly 50, none imported back', { timeout: 120_000 }, async () => {
	const erpId = await world.channelId('ERP');
	await world.db.execute(sql`
		update c_channel_entity set policy = jsonb_set(policy, '{ceilings,creates,count}', '1000') where entity = 'product' and c_channel_id = ${erpId}::bigint`);
	await world.db.execute(sql`
		insert into c_channel_exclusion (c_channel_id, entity, kind, internal_id, created_by)
		select ${erpId}::bigint, 'product', 'record', p.id, 'test' from m_product p
		where not exists (select 1 from c_channel_map_product m where m.m_product_id = p.id and m.c_channel_id = ${erpId}::bigint)`);
	const products = await world.db.execute<{ n: number }>(sql`select count(*)::int as n from m_product`);
	await world.db.execute(
		sql`update c_channel_entity set auto_create_external = true where entity = 'product' and c_channel_id = ${erpId}::bigint`
	);
	await world.db.execute(
		sql`insert into m_product (value, name, price) select 'KILL-' || n, 'Kill ' || n, 1 from generate_series(1, 50) n`
	);
	const created = async () => {
		const { items } = await world.erp.call('GET', '/products?search=KILL-&limit=200');
		return (items ?? []).filter((item) => String(item['sku']).startsWith('KILL-'));
	};
	await until('some are created', detectMs, async () => (await created()).length >= 5);
	await world.killEngine();
	await world.restartEngine();
	await until('all are linked', 90_000, async () => {
		const [row] = await world.db.execute<{ n: number }>(sql`
			select count(*)::int as n from c_channel_map_product m join m_product p on p.id = m.m_product_id where p.value like 'KILL-%' and m.c_channel_id = ${erpId}::bigint`);
		return row?.n === 50;
	});
	await world.db.execute(
		sql`update c_channel_entity set auto_create_internal = true where entity = 'product' and c_channel_id = ${erpId}::bigint`
	);
	await world.cycles(3);
	expect(await created()).toHaveLength(50);
	const [row] = await world.db.execute<{ n: number }>(
		sql`select count(*)::int as n from m_product where value like 'KILL-%'`
	);
	expect(row?.n).toBe(50);
	expect(products).toHaveLength(1);
});
