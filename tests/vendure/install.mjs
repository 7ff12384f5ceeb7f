// Makes sure that a Vendure server is on this machine, in a folder of its own: node tests/vendure/install.mjs
// Last line says what is so; exit code 0 = Vendure can be started, 1 = it cannot, with the reason.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

export const vendureVersion = '3.7.3';
/** Beside Vendure, the driver of its database. */
const packages = [`@vendure/core@${vendureVersion}`, 'pg@8.16.3'];

/**
 * The folder with Vendure in its node_modules; no part of the project's own dependencies.
 * @returns {string}
 */
export function vendureFolder() {
	return path.join(tmpdir(), `channel-mapping-vendure-${vendureVersion}-${userInfo().uid}`);
}

/**
 * Says why Vendure cannot be started here, or undefined where it can.
 * @returns {string | undefined}
 */
export function whyNoVendure() {
	if (existsSync(path.join(vendureFolder(), 'node_modules', '@vendure', 'core'))) return undefined;
	return 'Vendure is not installed; node tests/vendure/install.mjs installs it from npm';
}

/**
 * Installs what is missing. Two at once do no harm.
 * @returns {string | undefined} why Vendure cannot be used, or undefined
 */
function install() {
	if (!whyNoVendure()) return undefined;
	const folder = mkdtempSync(`${vendureFolder()}-making-`);
	writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'vendure', private: true }));
	// No script of any package is needed: bcrypt brings its binaries.
	const wanted = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...packages];
	const result = spawnSync('npm', wanted, { cwd: folder, encoding: 'utf8', timeout: 600_000 });
	if (result.status === 0 && !existsSync(vendureFolder())) renameSync(folder, vendureFolder());
	rmSync(folder, { recursive: true, force: true });
	const lastLine = (result.stderr || '').trim().split('\n').at(-1);
	return whyNoVendure() && `npm install failed: ${lastLine || result.error?.message || `exit code ${result.status}`}`;
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').at(-1) ?? '?')) {
	const reason = install();
	console.log(reason ?? `Vendure ${vendureVersion} is installed`);
	process.exitCode = reason ? 1 : 0;
}
