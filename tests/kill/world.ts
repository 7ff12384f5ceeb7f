import { connect, type Db } from '#src/db/client.ts';
import { startDatabaseServer, type DatabaseServer } from './database-server.ts';
import { secretKey, startEngine, type EngineProcess } from './engine-process.ts';
import { startErp, type ErpProcess } from './erp-process.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { erpProducts, fillDatabase } from './fixture.ts';
import { startProcess } from './os-process.ts';

export type World = {
	/** The driver's own connection; calls fail while the database is down. */
	db: Db;
	erp: ErpProcess;
	proxy: FaultProxy;
	database: DatabaseServer;
	engines: readonly [EngineProcess, EngineProcess];
	channelId: string;
	/** One call of the engine's API, by whichever replica answers. */
	api(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
	stop(): Promise<void>;
};

/** Two engines, a PostgreSQL and an ERP behind a proxy, each a process of its own, with `links` linked products. */
export async function startWorld({ links, random }: { links: number; random: () => number }): Promise<World> {
	const closing: (() => Promise<unknown>)[] = [];
	const stop = async () => {
		for (const close of closing.toReversed()) await close();
	};
	try {
		const database = await startDatabaseServer();
		closing.push(() => database.stop());
		const erp = await startErp();
		closing.push(() => erp.stop());
		const proxy = await startFaultProxy(erp.url, random);
		closing.push(() => proxy.stop());
		const { db, close } = connect(database.url, { max: 6, applicationName: 'kill driver' });
		closing.push(close);
		await erp.importProducts(erpProducts(links));
		const channelId = await fillDatabase(db, links, proxy.url);
		const token = await operatorToken(database.url);
		const engines = await startEngines(database.url, closing);
		return {
			db,
			erp,
			proxy,
			database,
			engines,
			channelId,
			api: (method, path, body) => callApi(engines, token, { method, path, body }),
			stop
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

async function startEngines(
	databaseUrl: string,
	closing: (() => Promise<unknown>)[]
): Promise<readonly [EngineProcess, EngineProcess]> {
	const one = await startEngine(databaseUrl);
	closing.push(() => one.stop());
	const other = await startEngine(databaseUrl);
	closing.push(() => other.stop());
	await Promise.all([one.listens(), other.listens()]);
	return [one, other];
}

async function callApi(
	engines: readonly EngineProcess[],
	token: string,
	{ method, path, body }: { method: string; path: string; body: object | undefined }
): Promise<{ status: number; body: Record<string, unknown> }> {
	for (const { url } of engines) {
		const reply = await fetch(`${url}${path}`, {
			method,
			headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
			...(body && { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(5000)
		}).catch(() => null);
		if (reply && reply.status < 500) return { status: reply.status, body: await bodyOf(reply) };
	}
	return { status: 503, body: {} };
}

async function bodyOf(reply: Response): Promise<Record<string, unknown>> {
	const text = await reply.text();
	return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

async function operatorToken(databaseUrl: string): Promise<string> {
	const args = ['--role', 'operator', '--name', 'kill-driver'];
	const process = startProcess('src/auth/print-token.ts', { DATABASE_URL: databaseUrl, SECRET_KEY: secretKey }, args);
	if ((await process.ended()) !== 0) throw new Error(`no token: ${process.output()}`);
	return process.output().trim();
}
