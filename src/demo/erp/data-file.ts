import { mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A JSON file that is always whole: a kill at any moment leaves the old or the new content. */
export type DataFile = {
	/** What the file held when it was opened; undefined for a new file. */
	content: unknown;
	/** Resolves when what `make` returns is on disk. Calls that come while a write runs share the next one. */
	save(make: () => unknown): Promise<void>;
};

/** Opens or prepares the file. Throws when it exists and is not JSON. */
export function openDataFile(path: string): DataFile {
	mkdirSync(dirname(path), { recursive: true });
	let latest: () => unknown = () => undefined;
	let last: Promise<void> = Promise.resolve();
	let waiting: Promise<void> | undefined;

	async function write(): Promise<void> {
		// What changes from here on belongs to the next write.
		waiting = undefined;
		const draft = `${path}.new`;
		await writeFile(draft, JSON.stringify(latest()));
		await rename(draft, path);
	}

	return {
		content: contentOf(path),
		save(make) {
			latest = make;
			// A failed write must not keep the next one from its try.
			waiting ??= last = last.then(write, write);
			return waiting;
		}
	};
}

function contentOf(path: string): unknown {
	try {
		return JSON.parse(readFileSync(path, 'utf8'));
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
}
