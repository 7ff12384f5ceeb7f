import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { seededSettings } from '#src/demo/seeded-channel.ts';

export type SeededChannel = { url: string; changeFirst(count: number): Promise<void>; stop(): void };

/** The channel of so many seeded links, in a process of its own. */
export async function startSeededChannel(links: number): Promise<SeededChannel> {
	const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL('./seeded-server.ts', import.meta.url))], {
		env: { ...process.env, RECORDS: String(links), PORT: '0' },
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
	const url = line.toString().trim();
	return {
		url,
		async changeFirst(count) {
			const reply = await fetch(`${url}/changed/${count}`, { method: 'PUT' });
			if (!reply.ok) throw new Error(`changing was answered with ${reply.status}`);
		},
		stop: () => void child.kill('SIGKILL')
	};
}

/** Lets the channel "Seeded" of a database reach its records. Returns its id. */
export async function connectSeeded(db: Db, url: string): Promise<string> {
	const [channel] = await db.execute<{ id: string }>(sql`
		update c_channel set settings = ${JSON.stringify(seededSettings(url))}::text::jsonb, paused_at = null, paused_reason = null
		where name = 'Seeded' returning id::text as id`);
	if (!channel) throw new Error('the database has no seeded links');
	return channel.id;
}
