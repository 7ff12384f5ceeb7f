import type { LinkRow } from './directory.ts';
import type { People } from './people.ts';
import type { World } from './world.ts';

/** What people did to this link can only be mended by people: a forbidden word, or a code that two records of ours would have. */
export function isExcused(people: People, entity: string, link: LinkRow): boolean {
	return people.acts.poisoned.has(`${entity} ${link.internalId}`) || link.problem?.kind === 'duplicate';
}

/** Links that are not in agreement yet, in words. */
export async function unsettled(world: World, people: People, only: readonly string[] | null): Promise<string[]> {
	const found: string[] = [];
	for (const entity of ['product', 'business-partner']) {
		for (const link of await world.directory.links(entity)) {
			if (only && !only.includes(link.channelId)) continue;
			if (isExcused(people, entity, link)) continue;
			if (link.status !== 'in-sync' || link.dirtySeq > link.cleanSeq)
				found.push(`${entity} link ${link.id} is ${link.status} (${link.problem?.kind ?? 'no problem'})`);
		}
	}
	for (const intent of await world.directory.rows('intents')) {
		if (only && !only.includes(intent.channelId)) continue;
		if (people.acts.poisoned.has(`${intent.entity} ${intent.internalId}`)) continue;
		found.push(`${intent.entity} create of ${intent.internalId} is ${intent.state}`);
	}
	return found;
}
