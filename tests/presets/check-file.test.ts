import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { restPresets } from '#src/engine/connectors/rest/presets.ts';
import { restSettings } from '#src/engine/connectors/rest/settings.ts';
import { unknownEntities, unknownFields } from '#src/kit/unknown-names.ts';
import { startDepot } from './depot.ts';

const project = path.resolve(import.meta.dirname, '../..');
const depotText = readFileSync(path.join(import.meta.dirname, 'depot.json'), 'utf8');
let folder: string;
let depot: Awaited<ReturnType<typeof startDepot>> | undefined;

beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'check-file-'))));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
	depot?.stop();
	depot = undefined;
});

type Ran = { code: number; out: string; said: string; lineOf(part: string): number };

/** The command over the depot's description in other words, at a depot with three articles. */
async function check(change: (text: string) => string, key: string | undefined, ...more: string[]): Promise<Ran> {
	depot = await startDepot();
	for (const sku of ['A', 'B', 'C']) depot.add({ attributes: { sku }, tariffs: [{ cents: 100 }] });
	// Without a create nothing is written, which takes its time.
	const text = change(depotText.replace(/"create": \{[^}]*\},\s*/, ''));
	const file = path.join(folder, 'depot.json');
	writeFileSync(file, text);
	const { CONNECTOR_KEY: _key, ...env } = process.env;
	const words = ['src/kit/connector-command.ts', 'check', file, '--url', depot.settings.baseUrl, ...more];
	const own = key === undefined ? env : { ...env, CONNECTOR_KEY: key };
	return new Promise((resolve) => {
		const child = execFile(process.execPath, words, { cwd: project, env: own }, (_error, out, said) =>
			resolve({
				code: child.exitCode ?? 1,
				out,
				said,
				lineOf: (part) => text.split('\n').findIndex((line) => line.includes(part)) + 1
			})
		);
	});
}

describe('a name that nothing here has', { timeout: 60_000 }, () => {
	it('is warned of with its line where it is a field: it may be an administrator’s own', async () => {
		const misspelt = (text: string) =>
			text.replace('"name": "value"', '"name": "vlaue"').replace('"name": "weight"', '"name": "grammage"');
		const { code, said, out, lineOf } = await check(misspelt, 'd3pot');
		expect(said).toContain(
			`depot.json:${lineOf('"vlaue"')}: warning: entities.product.fields.0.name: product has no field "vlaue"; did you mean "value"? A field of your own must have been added in the workplace first`
		);
		expect(said).toContain(`depot.json:${lineOf('"grammage"')}: warning: `);
		expect(said).toContain('product has no field "grammage". A field of your own');
		expect(out).toContain('Trust sheet of');
		expect(code).toBe(0);
	});

	it('stands in the sheet for programs, too', async () => {
		const misspelt = (text: string) => text.replace('"name": "value"', '"name": "vlaue"');
		const { out } = await check(misspelt, 'd3pot', '--json');
		expect(JSON.parse(out)).toMatchObject({ warnings: [{ path: 'entities.product.fields.0.name' }] });
	});

	it('is a mistake with its line where it is an entity', async () => {
		const { code, said, out, lineOf } = await check((text) => text.replace('"product": {', '"category": {'), 'd3pot');
		expect(said).toContain(
			`depot.json:${lineOf('"category"')}: entities.category: there is no entity "category"; did you mean "product-category"?`
		);
		expect(out).toBe('');
		expect(code).toBe(1);
	});

	it('is in none of the descriptions to start from', () => {
		for (const { settings } of restPresets) {
			const parsed = restSettings.parse(settings);
			expect([...unknownEntities(parsed), ...unknownFields(parsed)]).toEqual([]);
		}
	});

	it('is said of a number that is of no channel’s concern', () => {
		const settings = restSettings.parse({
			...depotOf('stock-level'),
			auth: { kind: 'none' }
		});
		expect(unknownFields(settings).map(({ message }) => message)).toEqual([
			`"on_hand" of stock-level is of no channel's concern: it is neither compared nor sent`
		]);
	});
});

function depotOf(entity: string) {
	const requests = { list: { path: '/all' }, get: { path: '/all/{id}' } };
	const fields = [{ name: 'on_hand', at: 'pieces', label: 'Pieces', as: 'number' }];
	return { baseUrl: 'http://depot.test', entities: { [entity]: { requests, paging: { kind: 'none' }, fields } } };
}

describe('a key that is not there', { timeout: 60_000 }, () => {
	it.each([undefined, ''])('is said to be missing, not to be refused (%o)', async (key) => {
		const { code, said } = await check((text) => text, key);
		expect(said).toContain('CONNECTOR_KEY is empty');
		expect(said).toContain('"api-key"');
		expect(said).not.toContain('refused');
		expect(code).toBe(1);
	});

	it('is not asked for where the file needs none', async () => {
		const { said } = await check(
			(text) => text.replace('"kind": "api-key", "name": "X-Depot-Token"', '"kind": "none"'),
			''
		);
		expect(said).not.toContain('CONNECTOR_KEY');
		expect(said).toContain('no such token');
	});
});
