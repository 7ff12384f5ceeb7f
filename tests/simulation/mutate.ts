import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { remedyNamed, withoutRemedies } from './remedies.ts';

/**
 * Loaded before everything else by a worker that plays without some remedies: takes each of them out of the source of its
 * one file while that is loaded. So the product itself carries no switch that could turn a remedy off.
 */
const names = (process.env['SIMULATE_WITHOUT'] ?? '').split(',').filter(Boolean);
const root = path.resolve(import.meta.dirname, '../..');
const chosen = names.map(remedyNamed);

registerHooks({
	load(url, context, nextLoad) {
		const loaded = nextLoad(url, context);
		if (!url.startsWith('file:') || loaded.source === undefined || loaded.source === null) return loaded;
		const file = path.relative(root, fileURLToPath(url)).split(path.sep).join('/');
		const here = chosen.filter((remedy) => remedy.file === file);
		if (here.length === 0) return loaded;
		const source =
			typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
		return { ...loaded, source: withoutRemedies(source, here) };
	}
});
