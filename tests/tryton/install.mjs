// Makes sure that Debian's Tryton server is on this machine: node tests/tryton/install.mjs
// Last line says what is so; exit code 0 = Tryton can be started, 1 = it cannot, with the reason.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const packages = [
	'tryton-server',
	'tryton-modules-party',
	'tryton-modules-product',
	'tryton-modules-stock',
	'tryton-modules-product-price-list',
	'tryton-modules-sale',
	'python3-bcrypt',
	'python3-passlib',
	'python3-psycopg2'
];
const modulesFolder = '/usr/lib/python3/dist-packages/trytond/modules';

export const modules = ['party', 'product', 'stock', 'product_price_list'];
/** With sales come invoices and accounts: databases with all that are made only for the tests about it. */
export const salesModules = [...modules, 'sale'];

/** The commands are called by full path: a python of pyenv or conda in PATH does not have Debian's modules. */
const commands = ['/usr/bin/trytond', '/usr/bin/trytond-admin', '/usr/bin/python3'];

/**
 * Says why Tryton cannot be started here, or undefined where it can.
 * @returns {string | undefined}
 */
export function whyNoTryton() {
	const wanted = salesModules.map((name) => `${modulesFolder}/${name}`);
	const missing = [...commands, ...wanted].find((path) => !existsSync(path));
	return (
		missing &&
		`Tryton is not installed (${missing} is missing); node tests/tryton/install.mjs as root on Debian installs it`
	);
}

/**
 * Says why Tryton cannot be started on PostgreSQL here, or undefined where it can.
 * @returns {string | undefined}
 */
export function whyNoTrytonOnPostgres() {
	const driver = '/usr/lib/python3/dist-packages/psycopg2';
	return (
		whyNoTryton() ?? (existsSync(driver) ? undefined : 'psycopg2 is not installed: apt-get install python3-psycopg2')
	);
}

/**
 * Version of the installed server, as Debian knows it ("6.0.29-2+deb12u4"), or 'unknown'.
 * @returns {string}
 */
export function trytonVersion() {
	const query = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'tryton-server'], { encoding: 'utf8' });
	return query.status === 0 && query.stdout ? query.stdout.trim() : 'unknown';
}

/**
 * @param {string[]} parameters
 * @returns {string | undefined} why it failed
 */
function aptGet(parameters) {
	const result = spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...parameters], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		timeout: 600_000
	});
	if (result.status === 0) return undefined;
	const lastLine = (result.stderr || '').trim().split('\n').at(-1);
	return `apt-get ${parameters[0]} failed: ${lastLine || result.error?.message || `exit code ${result.status}`}`;
}

/**
 * Installs what is missing.
 * @returns {string | undefined} why Tryton cannot be used, or undefined
 */
function install() {
	if (!whyNoTryton()) return undefined;
	if (process.getuid?.() !== 0) return `${whyNoTryton()}; this user is not root`;
	if (!existsSync('/usr/bin/apt-get')) return 'Tryton is not installed and this machine has no apt-get';
	const wanted = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
	const failed = aptGet(wanted) && (aptGet(['update', '-qq']) ?? aptGet(wanted));
	return failed ?? whyNoTryton();
}

if (process.argv[1] && import.meta.url.endsWith(process.argv[1].split('/').at(-1) ?? '?')) {
	const reason = install();
	console.log(reason ?? `Tryton ${trytonVersion()} is installed`);
	process.exitCode = reason ? 1 : 0;
}
