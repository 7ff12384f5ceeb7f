import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

const project = path.resolve(import.meta.dirname, '../..');
const copied = [
	'src',
	'tests',
	'drizzle',
	'.svelte-kit/tsconfig.json',
	'drizzle.config.ts',
	'package.json',
	'tsconfig.json',
	'vitest.config.ts'
];
let scratch: string;

beforeAll(() => {
	scratch = mkdtempSync(path.join(tmpdir(), 'kit-'));
	for (const name of copied) cpSync(path.join(project, name), path.join(scratch, name), { recursive: true });
	symlinkSync(path.join(project, 'node_modules'), path.join(scratch, 'node_modules'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Ended = { code: number; out: string };

function run(...words: string[]): Promise<Ended> {
	const env = { ...process.env, TEST_DATABASE_URL: new URL('/postgres', inject('templateUrl')).href };
	return new Promise((resolve) => {
		const child = execFile(
			process.execPath,
			words,
			{ cwd: scratch, env, maxBuffer: 32 * 1024 * 1024 },
			(_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, out: stdout + stderr })
		);
	});
}

/** What each file holds, by its path. */
function files(): Map<string, string> {
	const found = globSync('{src,tests,drizzle}/**/*', { cwd: scratch, withFileTypes: true }).filter((each) =>
		each.isFile()
	);
	return new Map(
		found.map((each) => {
			const file = path.join(each.parentPath, each.name);
			const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
			return [path.relative(scratch, file), hash];
		})
	);
}

function changes(before: Map<string, string>, after: Map<string, string>): { made: string[]; changed: string[] } {
	return {
		made: [...after.keys()].filter((file) => !before.has(file)).toSorted(),
		changed: [...before].filter(([file, hash]) => after.get(file) !== hash).map(([file]) => file)
	};
}

type Result = { passed: string[]; failed: { test: string; why: string }[] };

async function testsOf(file: string, projectName: string): Promise<Result> {
	const report = path.join(scratch, 'report.json');
	const words = ['run', file, '--project', projectName, '--reporter=json', `--outputFile=${report}`];
	const { out } = await run(path.join('node_modules', 'vitest', 'vitest.mjs'), ...words);
	const tests = (
		JSON.parse(readFileSync(report, 'utf8')) as {
			testResults: { assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[];
		}
	).testResults.flatMap(({ assertionResults }) => assertionResults);
	expect(tests.length, out).toBeGreaterThan(5);
	return {
		passed: tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
		failed: tests
			.filter(({ status }) => status === 'failed')
			.map(({ fullName, failureMessages }) => ({ test: fullName, why: failureMessages[0]?.split('\n')[0] ?? '' }))
	};
}

it('a new connector is a folder and its registry line; its tests say what is still to write', async () => {
	const before = files();
	const made = await run('src/kit/connector-command.ts', 'new', 'acme-shop');
	expect(made.code, made.out).toBe(0);
	const folder = 'src/engine/connectors/acme-shop';
	const names = ['conformance.test.ts', 'fake.ts', 'index.ts', 'product.ts', 'settings.ts', 'still-to-write.ts'];
	expect(changes(before, files())).toEqual({
		made: names.map((name) => `${folder}/${name}`),
		changed: ['src/engine/connectors/registry.ts']
	});
	const registry = readFileSync(path.join(scratch, 'src/engine/connectors/registry.ts'), 'utf8');
	expect(registry).toContain("import { acmeShop } from './acme-shop/index.ts';");
	expect(registry).toMatch(/connectors: readonly Connector\[\] = \[[^\]]*, acmeShop\]/);

	const { failed } = await testsOf(`${folder}/conformance.test.ts`, 'unit');
	for (const { test, why } of failed)
		expect(why, test).toMatch(/Still to write in src\/engine\/connectors\/acme-shop\//);
	const named = new Set(failed.map(({ why }) => /\/([a-z-]+\.ts: \w+)/.exec(why)?.[1]));
	expect([...named].toSorted()).toEqual([
		'index.ts: probe',
		...['changes', 'create', 'findByReference', 'list', 'read', 'search', 'update'].map((verb) => `product.ts: ${verb}`)
	]);
	expect(await run('src/kit/connector-command.ts', 'new', 'acme-shop')).toMatchObject({ code: 1 });
	expect(await run('src/kit/connector-command.ts', 'new', 'Acme')).toMatchObject({ code: 1 });
});

it(
	'a new entity is a folder, its registry line and one migration; with samples of its fields it is synced',
	{ timeout: 300_000 },
	async () => {
		const before = files();
		const made = await run('src/kit/entity-command.ts', 'new', 'sales-region');
		expect(made.code, made.out).toBe(0);
		const folder = 'src/entities/sales-region';
		const found = changes(before, files());
		expect(found.made.map((file) => file.replace(/\d{4}/, 'NNNN'))).toEqual([
			'drizzle/NNNN_sales_region.sql',
			'drizzle/meta/NNNN_snapshot.json',
			...['conformance.pg.test.ts', 'fields.ts', 'index.ts', 'table.ts'].map((name) => `${folder}/${name}`)
		]);
		expect(found.changed.toSorted()).toEqual(['drizzle/meta/_journal.json', 'src/entities/registry.ts']);

		const first = await testsOf(`${folder}/conformance.pg.test.ts`, 'pg');
		for (const { test, why } of first.failed)
			expect(why, test).toMatch(/Still to write in src\/entities\/sales-region\//);
		expect(first.failed.map(({ test }) => test).join()).toMatch(/different values of name/);

		const file = path.join(scratch, folder, 'conformance.pg.test.ts');
		const samples = "{ value: ['R', 'S'], name: ['North', 'South'], is_active: [true, false] }";
		writeFileSync(file, readFileSync(file, 'utf8').replace('samples: {}', `samples: ${samples}`));
		const second = await testsOf(`${folder}/conformance.pg.test.ts`, 'pg');
		expect(second.failed).toEqual([]);
	}
);
