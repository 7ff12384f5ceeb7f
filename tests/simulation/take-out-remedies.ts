import path from 'node:path';
import type { Plugin } from 'vite';
import { remedyNamed, withoutRemedies } from './remedies.ts';

/** What `mutate.ts` does for a worker, for a test: takes the remedies named in SIMULATE_WITHOUT out of the source. */
export function takeOutRemedies(): Plugin {
	const root = path.resolve(import.meta.dirname, '../..');
	const chosen = (process.env['SIMULATE_WITHOUT'] ?? '').split(',').filter(Boolean).map(remedyNamed);
	return {
		name: 'take-out-remedies',
		enforce: 'pre',
		transform(code, id) {
			const file = path
				.relative(root, id.split('?')[0] ?? '')
				.split(path.sep)
				.join('/');
			const here = chosen.filter((remedy) => remedy.file === file);
			return here.length > 0 ? withoutRemedies(code, here) : null;
		}
	};
}
