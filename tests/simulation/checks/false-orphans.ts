import { simulatedFields } from '../plan.ts';
import type { People } from '../people.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** I8: a link is called an orphan only where one of its records is really gone. Looked at before anybody tidies up. */
export async function checkOrphans(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const entity of Object.keys(simulatedFields)) {
		for (const link of await world.directory.links(entity)) {
			const channel = people.channelNamed(link.channelId);
			if (link.status !== 'orphan' || !channel || people.acts.restored.has(channel.plan.name)) continue;
			const ours = await world.directory.read(entity, link.internalId);
			const theirs = channel.memory.record(entity, link.externalId);
			if (!ours || !theirs) continue;
			const what = `${entity} link ${link.id}: ${channel.plan.name} ${link.externalId} was taken for deleted`;
			found.push({ invariant: 'I8', what });
		}
	}
	return found;
}
