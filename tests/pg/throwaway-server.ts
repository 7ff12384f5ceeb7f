import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '#src/db/embedded/server.ts';

export type Server = { url: string; stop(): Promise<void> };

/** An embedded PostgreSQL in a folder of its own that forgets everything when stopped. */
export async function startThrowaway(): Promise<Server> {
	const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-test-'));
	chmodSync(dataDirectory, 0o711);
	const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
	const server = await startEmbedded({ dataDirectory, settings });
	return {
		url: server.url,
		stop: async () => {
			await server.stop();
			rmSync(dataDirectory, { recursive: true, force: true });
		}
	};
}
