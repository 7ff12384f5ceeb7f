import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createTransport } from '#src/engine/connectors/http.ts';
import { createCaller } from '#src/engine/connectors/rest/call.ts';
import { rest } from '#src/engine/connectors/rest/index.ts';
import { createResource } from '#src/engine/connectors/rest/resource.ts';
import { restSettings } from '#src/engine/connectors/rest/settings.ts';
import { parseDescription } from '#src/kit/check-connector.ts';
import { checkEntity } from '#src/kit/check-service.ts';
import { startDepot, type DepotFlaws } from './depot.ts';

const depotFile = path.join(import.meta.dirname, 'depot.json');
const transport = createTransport({ fetch, monotonicNow: () => performance.now(), wallNow: () => Date.now() });
let depot: Awaited<ReturnType<typeof startDepot>>;
afterEach(() => depot.stop());

async function check(flaws: DepotFlaws, recordId: string | null = null) {
	depot = await startDepot(flaws);
	for (const sku of ['A', 'B', 'C', 'D', 'E']) depot.add({ attributes: { sku }, tariffs: [{ cents: 100 }] });
	const settings = restSettings.parse(depot.settings);
	const call = createCaller({ settings, key: depot.key, transport, nowMs: undefined });
	const entity = settings.entities['product']!;
	const checked = await checkEntity({
		entity,
		resource: createResource(entity, call, settings),
		inSmallPages: createResource({ ...entity, pageSize: 2 }, call, settings),
		recordId,
		sleep: async (ms) => depot.pass(ms),
		nowMs: depot.nowMs,
		mark: 'M1'
	});
	const sheet = { checkedAt: '2026-11-29T05:00:00Z', entities: { product: checked.trust } };
	const trusted = rest.open({
		settings: { ...depot.settings, trust: sheet },
		credentials: { key: depot.key },
		transport
	});
	return { ...checked, product: trusted.resource('product')! };
}

describe('the trust sheet', () => {
	it('of a service that keeps what its description says takes nothing away', async () => {
		const { trust, findings, product, leftBehind } = await check({});
		expect(findings.filter(({ result }) => result === 'no')).toEqual([]);
		expect(trust).toMatchObject({
			preconditionHonoured: true,
			referenceFound: true,
			pagingStable: true,
			changesComplete: true
		});
		expect(product.capabilities).toMatchObject({ precondition: { kind: 'strict' }, stampCovers: 'all', reference: {} });
		// It wrote to its own record only, and switched it off.
		expect([...depot.articles.values()].map(({ revision, live }) => [revision > 1, live])).toEqual([
			...Array.from({ length: 5 }, () => [false, true]),
			[true, false]
		]);
		expect(leftBehind).toBe('106');
	});

	it('says of each further request that is described how it came out', async () => {
		const { findings } = await check({});
		const further = findings.filter(({ what }) => ['search', 'batchGet', 'deactivate', 'activate'].includes(what));
		expect(further.map(({ what, result }) => [what, result])).toEqual([
			['search', 'yes'],
			['batchGet', 'yes'],
			['deactivate', 'yes'],
			['activate', 'yes']
		]);
		expect(depot.writes).toContain('retire 106');
		expect(depot.writes).toContain('revive 106');
	});

	it('says which of them do not do what they are described for', async () => {
		const { findings } = await check({ findsNothing: true, staysLive: true });
		const failed = findings.filter(({ result }) => result === 'no').map(({ what }) => what);
		expect(failed).toEqual(expect.arrayContaining(['search', 'deactivate']));
	});

	it('of a service that ignores the version leaves no precondition', async () => {
		const { trust, product } = await check({ ignoresRevision: true });
		expect(trust.preconditionHonoured).toBe(false);
		expect(product.capabilities.precondition).toEqual({ kind: 'none' });
	});

	it('of a service whose stamp does not move with the price does not let the stamp decide about prices', async () => {
		const { product } = await check({ priceIsNotTouched: true });
		expect(product.capabilities.stampCovers).toEqual(['value', 'name', 'weight', 'is_active', 'currency']);
	});

	it('of a service that finds nothing by its reference leaves no creates', async () => {
		const { product } = await check({ findsNoForeign: true });
		expect(product.capabilities).not.toHaveProperty('reference');
		expect(product).not.toHaveProperty('findByReference');
	});

	it('of a service whose pages overlap stops its listing', async () => {
		const { trust, product } = await check({ repeatsRows: true });
		expect(trust.pagingStable).toBe(false);
		await expect(product.list(null)).rejects.toMatchObject({ kind: 'misconfigured' });
	});

	it('made with a record of others gives its values back', async () => {
		await check({}, '103');
		expect(depot.articles.get(103)).toMatchObject({ sku: 'C', cents: 100, caption: '', live: true });
		expect(depot.articles.size).toBe(5);
	});
});

it('mistakes in a file are named with their line and place', async () => {
	depot = await startDepot();
	const folder = mkdtempSync(path.join(tmpdir(), 'check-'));
	const file = path.join(folder, 'bad.json');
	const text = readFileSync(depotFile, 'utf8')
		.replace('"as": "minor-units"', '"as": "pennies"')
		.replace('{text}', '{txt}');
	writeFileSync(file, text);
	const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1;
	const problem = (() => {
		try {
			return (parseDescription(text, 'bad.json'), '');
		} catch (error) {
			return (error as Error).message;
		}
	})();
	expect(problem).toContain(`bad.json:${lineOf('pennies')}: entities.product.fields.2.as:`);
	expect(problem).toContain(`bad.json:${lineOf('"search"')}: entities.product.requests.search: has no value {txt}`);
	rmSync(folder, { recursive: true });
});
