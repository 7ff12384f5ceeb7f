import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '#src/db/embedded/server.ts';
import { migrate } from '#src/db/migrate.ts';

/**
 * Transactions are as durable as in production against what happens here, the death of the server's processes: the
 * operating system keeps what was written. Only a power cut would need fsync.
 */
const settings = { fsync: 'off', shared_buffers: '128MB', max_connections: '60' };

export type DatabaseServer = Awaited<ReturnType<typeof startDatabaseServer>>;

/** A migrated PostgreSQL of our own that can be killed. */
export async function startDatabaseServer() {
	const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-kill-'));
	chmodSync(dataDirectory, 0o711);
	let server = await startEmbedded({ dataDirectory, settings });
	const { url, port } = server;
	// It outlives its starter, also one that is broken off.
	const abandon = () => {
		if (server.isRunning()) process.kill(server.pid, 'SIGQUIT');
		const idle = new Int32Array(new SharedArrayBuffer(4));
		for (let looks = 0; looks < 100 && server.isRunning(); looks++) Atomics.wait(idle, 0, 0, 50);
		rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
	};
	process.once('exit', abandon);
	await migrate(url);
	return {
		url,
		/** kill -9 of the postmaster: its sessions end when they notice. */
		kill(): void {
			process.kill(server.pid, 'SIGKILL');
		},
		/** Starts it again on its files and port; resolves when it has recovered. */
		async restart(): Promise<void> {
			server = await startEmbedded({ dataDirectory, port, settings });
		},
		async stop(): Promise<void> {
			await server.stop();
			process.off('exit', abandon);
			rmSync(dataDirectory, { recursive: true, force: true });
		}
	};
}
