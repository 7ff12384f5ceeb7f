import type { LinkRow } from './directory.ts';
import type { People } from './people.ts';
import type { World } from './world.ts';

/** What is wrong with this link only people can mend: a forbidden word, an unreadable record, a code that two of ours would have. */
export function isExcused(people: People, entity: string, link: LinkRow): boolean {
	if (people.channelNamed(link.channelId)?.broken.has(`${entity} ${link.externalId}`)) return true;
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
		// A backup may bring back what a lost create made, under an id that was given away since: people must look.
		if (intent.state === 'problem' && people.acts.restored.has(people.channelNamed(intent.channelId)?.plan.name ?? ''))
			continue;
		found.push(`${intent.entity} create of ${intent.internalId} is ${intent.state}`);
	}
	for (const what of await unlisted(world, only)) found.push(what);
	return found;
}

/** What no full listing has gone over since the faults ended. */
async function unlisted({ channels, directory, calmSince }: World, only: readonly string[] | null): Promise<string[]> {
	const listed = new Set<string>();
	for (const { mode, state, startedAt, channelId, entity } of await directory.rows('runs')) {
		const whole = mode === 'full' && (state === 'succeeded' || state === 'partial');
		if (whole && calmSince !== null && startedAt !== null && startedAt >= calmSince)
			listed.add(`${channelId} ${entity}`);
	}
	return channels
		.filter(({ id }) => !only || only.includes(id))
		.flatMap(({ id, plan }) => plan.entities.map((entity) => ({ id, name: plan.name, entity })))
		.filter(({ id, entity }) => !listed.has(`${id} ${entity}`))
		.map(({ name, entity }) => `no full listing of ${name} ${entity}`);
}
