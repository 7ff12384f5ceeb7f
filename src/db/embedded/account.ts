import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import { DatabaseError } from '../database-error.ts';

/** The operating system account that PostgreSQL runs under. */
export type Account = { uid: number; gid: number; name: string };

/** PostgreSQL refuses to run as root; these accounts exist already, the host's list of users stays as it is. */
const accountsForRoot = ['postgres', 'nobody'];

/**
 * The account to run PostgreSQL under when its data lies in `clusterDirectory`; undefined means: the one we run under.
 * As root it is the owner of existing data, else `postgres`, else `nobody`.
 * @throws DatabaseError `unsupported-host`
 */
export function serverAccount(clusterDirectory: string): Account | undefined {
	const uid = process.getuid?.();
	if (uid === undefined) return undefined;
	if (uid !== 0) {
		requireOwnPasswdEntry(uid);
		requireOwnData(clusterDirectory, uid);
		return undefined;
	}
	const known = readAccounts();
	const owner = statSync(clusterDirectory, { throwIfNoEntry: false });
	if (owner && owner.uid !== 0) {
		return (
			known.find((account) => account.uid === owner.uid) ?? { uid: owner.uid, gid: owner.gid, name: `${owner.uid}` }
		);
	}
	for (const name of accountsForRoot) {
		const account = known.find((candidate) => candidate.name === name);
		if (account) return account;
	}
	throw unsupported(
		'there is no account "postgres" or "nobody" to run PostgreSQL under as root',
		'start as another user'
	);
}

/** What `child_process` needs to run a program under `account`, in a folder that any account can enter. */
export function runUnder(account: Account | undefined): { cwd: string; uid?: number; gid?: number } {
	return { cwd: os.platform() === 'win32' ? os.tmpdir() : '/', ...(account && { uid: account.uid, gid: account.gid }) };
}

/** Whether `account` can enter `directory`. Asked by trying, so that ACLs and mounts count too. */
export function canEnter(directory: string, account: Account): boolean {
	return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], runUnder(account)).status === 0;
}

function readAccounts(): Account[] {
	return readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.map((line) => line.split(':'))
		.filter((columns) => columns.length >= 4)
		.map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

function requireOwnPasswdEntry(uid: number): void {
	try {
		os.userInfo();
	} catch {
		throw unsupported(
			`user id ${uid} has no entry in /etc/passwd, and PostgreSQL does not start without one`,
			'run as a user that exists'
		);
	}
}

function requireOwnData(clusterDirectory: string, uid: number): void {
	const owner = statSync(clusterDirectory, { throwIfNoEntry: false });
	if (!owner || owner.uid === uid) return;
	throw unsupported(
		`the database in ${clusterDirectory} belongs to another user (id ${owner.uid})`,
		'start as that user or as root, or set DATA_DIR to another folder'
	);
}

function unsupported(message: string, way: string): DatabaseError {
	return new DatabaseError(
		'unsupported-host',
		message,
		`${way}, or set DATABASE_URL to a PostgreSQL server of your own`
	);
}
