import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Account, canEnter, serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';

const rootDirectory = '/var/lib/channel-mapping';

/** Where the embedded PostgreSQL of one data directory keeps its things. */
export type Place = {
	dataDirectory: string;
	cluster: string;
	password: string;
	log: string;
	startLock: string;
	account: Account | undefined;
	/** Folder of PostgreSQL's `bin`, `lib` and `share`. */
	native: string;
};

/**
 * The folder for all data of this project: `wanted` (relative to the project), `.data` if not given. As root, where PostgreSQL's
 * account could not enter it, a folder of its own under /var/lib/channel-mapping.
 */
export function findDataDirectory(projectDirectory: string, wanted?: string): string {
	const directory = path.resolve(projectDirectory, wanted || '.data');
	const account = serverAccount(clusterIn(directory));
	if (!account || canEnter(existingAncestor(path.dirname(directory)), account)) return directory;
	const owner = wanted ? directory : path.resolve(projectDirectory);
	return path.join(rootDirectory, createHash('sha256').update(owner).digest('hex').slice(0, 16));
}

/** Makes the data directory, chooses the account and finds binaries that it can run. */
export function preparePlace(dataDirectory: string): Place {
	const cluster = clusterIn(dataDirectory);
	const account = serverAccount(cluster);
	mkdirSync(dataDirectory, { recursive: true });
	if (account) chmodSync(dataDirectory, 0o711);
	if (existsSync(cluster)) restoreOwner(cluster, account);
	const native = findBinaries(account, account ? rootDirectory : dataDirectory);
	return { ...filesIn(dataDirectory), dataDirectory, cluster, account, native };
}

/** Copied or restored files may have lost the owner and the mode that PostgreSQL insists on. */
function restoreOwner(cluster: string, account: Account | undefined): void {
	if (account && statSync(cluster).uid !== account.uid) {
		execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, cluster, filesIn(path.dirname(cluster)).password]);
	}
	chmodSync(cluster, 0o700);
}

/** The files of an embedded PostgreSQL by their names; nothing is touched. */
export function filesIn(dataDirectory: string): Pick<Place, 'cluster' | 'password' | 'log' | 'startLock'> {
	return {
		cluster: clusterIn(dataDirectory),
		password: path.join(dataDirectory, 'pg-password'),
		log: path.join(dataDirectory, 'pg.log'),
		startLock: path.join(dataDirectory, 'pg.start-lock')
	};
}

function clusterIn(dataDirectory: string): string {
	return path.join(dataDirectory, 'pg');
}

function existingAncestor(directory: string): string {
	return existsSync(directory) ? directory : existingAncestor(path.dirname(directory));
}
