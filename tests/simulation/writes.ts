import { simulatedFields } from './plan.ts';
import type { World } from './world.ts';

/** Writes that landed so far: at the channels by their own logs, on our side by the journal and by the records' revisions. */
export async function writeCount({ channels, directory }: World) {
	let pushes = 0;
	let creates = 0;
	for (const { memory } of channels) {
		for (const { method } of memory.writes()) {
			if (method === 'create') creates += 1;
			else pushes += 1;
		}
	}
	let pulls = 0;
	for (const { action, changes } of await directory.rows('decisions')) {
		if (action === 'create-internal' || changes.some(({ side }) => side === 'internal')) pulls += 1;
	}
	let revisions = 0;
	for (const entity of Object.keys(simulatedFields))
		for (const { rev } of await directory.all(entity)) revisions += Number(rev);
	return { pushes, creates, pulls, revisions, total: pushes + creates };
}
