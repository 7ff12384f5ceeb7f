import { canonical } from '#src/sync/fields.ts';
import { codecOf } from '#src/engine/connectors/memory/rewrite.ts';
import { simulatedFields } from '../plan.ts';
import type { People } from '../people.ts';
import { isExcused, unsettled } from '../unsettled.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** I1: faults and edits are over, so both sides of every link agree on every field, through the channel's own form of it. */
export async function checkConvergence(world: World, people: People): Promise<Violation[]> {
	const open = (await unsettled(world, people, null)).map((what) => ({ invariant: 'I1', what }));
	return [...open, ...(await checkAgreement(world, people))];
}

/** The half of I1 that holds for any engine: what is linked is equal. */
export async function checkAgreement(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const entity of Object.keys(simulatedFields)) {
		for (const link of await world.directory.links(entity)) {
			if (isExcused(people, entity, link)) continue;
			const channel = people.channelNamed(link.channelId);
			const ours = await world.directory.read(entity, link.internalId);
			const theirs = channel?.memory.record(entity, link.externalId);
			if (!channel || !ours || !theirs) {
				found.push({ invariant: 'I1', what: `${entity} link ${link.id} has lost a side` });
				continue;
			}
			for (const field of channel.memory.inside.data.entities[entity] ?? []) {
				const { type, normal } = codecOf(field);
				const internal = canonical(type, normal(ours.fields[field.name] ?? null));
				const external = canonical(type, normal(theirs.fields[field.name] ?? null));
				if (internal !== external)
					found.push({
						invariant: 'I1',
						what: `${entity} link ${link.id} ${field.name}: ours ${JSON.stringify(internal)}, ${channel.plan.name} ${JSON.stringify(external)}`
					});
			}
		}
	}
	return found;
}
