import { registerHooks } from 'node:module';

type Mend = { broken: string; mended: string };

/**
 * What postgres.js 3.4.9 gets wrong when a server dies under a transaction (its issues 1154, 1208): a statement for a
 * closed connection ends the whole process or takes the connection out of the pool for good; one that waits to be
 * written when the connection closes keeps it from ever writing again; and the rest of a transaction runs by itself on
 * the next session. Mended, the statement fails, and the connection is made anew.
 */
const mends: Readonly<Record<string, readonly Mend[]>> = {
	'connection.js': [
		{
			broken: `    if (stream)
      return queryError(q, Errors.generic('COPY_IN_PROGRESS'`,
			mended: `    if (socket === null)
      return (queryError(q, Errors.connection('CONNECTION_CLOSED', options)), true)

    if (stream)
      return queryError(q, Errors.generic('COPY_IN_PROGRESS'`
		},
		{
			broken: `    const x = socket.write(chunk, fn)`,
			mended: `    const x = socket !== null && socket.write(chunk, fn)`
		},
		{
			broken: `    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
			mended: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`
		},
		{
			broken: `    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
`,
			mended: `    if (query || sent.length) error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = null
`
		}
	],
	'index.js': [
		{
			broken: `new Promise((_, reject) => connection.onclose = reject)`,
			mended: `new Promise((_, reject) => connection.onclose = e => (lost = e, reject(e)))`
		},
		{
			broken: `    let savepoints = 0
`,
			mended: `    let lost = null
    let savepoints = 0
`
		},
		{
			broken: `        q.catch(e => uncaughtError || (uncaughtError = e))
`,
			mended: `        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost) return q.reject(lost)
`
		}
	]
};

const hook = registerHooks({
	load(url, context, next) {
		const loaded = next(url, context);
		const file = /\/postgres\/src\/([a-z]+\.js)$/.exec(url)?.[1];
		const source = loaded.source;
		if (file === undefined || mends[file] === undefined || source == null) return loaded;
		const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString();
		return { ...loaded, source: mends[file].reduce(mend, text) };
	}
});

function mend(text: string, { broken, mended }: Mend): string {
	if (text.split(broken).length !== 2) throw new Error(`another postgres.js than 3.4.9, without: ${broken.trim()}`);
	return text.replace(broken, () => mended);
}

// Imported here and not above: the hook must be in place before the driver is loaded.
const { default: postgres } = await import('postgres');
const { drizzle } = await import('drizzle-orm/postgres-js');
hook.deregister();

export { drizzle, postgres };
