import net from 'node:net';
import { LaunchError } from './launch-error.ts';

const attempts = 200;

/** The first port from `wanted` on that nothing listens on and that is not in `taken`; it is added to `taken`. */
export async function nextFreePort(host: string, wanted: number, taken: Set<number>): Promise<number> {
	const last = Math.min(wanted + attempts, 65_535);
	for (let port = wanted; port <= last; port++) {
		if (taken.has(port) || !(await isFree(host, port))) continue;
		taken.add(port);
		return port;
	}
	throw new LaunchError(`no free port from ${wanted} to ${last} on ${host}`);
}

/** @throws LaunchError if something listens on `port` already */
export async function requireFreePort(host: string, name: string, port: number): Promise<void> {
	if (await isFree(host, port)) return;
	throw new LaunchError(`${name}=${port} is in use on ${host}: end what listens there, or set ${name} to another port`);
}

function isFree(host: string, port: number): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const probe = net.createServer();
		probe.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'EADDRINUSE') resolve(false);
			else if (error.code === 'EACCES') reject(new LaunchError(`port ${port} needs more rights than this user has`));
			else reject(new LaunchError(`HOST=${host}: is not an address of this machine (${error.code})`));
		});
		probe.listen(port, host, () => probe.close(() => resolve(true)));
	});
}
