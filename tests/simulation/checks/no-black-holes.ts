import { triesBeforeQuarantine } from '#src/sync/retry.ts';
import type { SimulatedChannel } from '../channel.ts';
import type { Rows } from '../directory.ts';
import { tokenOf } from '../ledger.ts';
import type { People } from '../people.ts';
import { isExcused } from '../unsettled.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/**
 * The conflict journal is no place to lose edits into: two values compete only where people edited the field on both
 * sides since it last agreed. So none of the two may be made from the other where that other one was what they agreed on last. (Of a
 * write that landed, whose answer was lost, and over which somebody wrote, nobody can know that it was ever seen there.)
 */
export async function checkNoBlackHoles(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	/** Values that an earlier conflict of the field, at whichever channel, may have brought back. */
	const competed = new Set<string>();
	for (const row of await world.directory.rows('conflicts')) {
		const channel = people.channelNamed(row.channelId);
		const ours = tokenOf(row.internal);
		const theirs = tokenOf(row.external);
		const field = `${row.entity} ${row.internalId} ${row.field}`;
		const again = [ours, theirs].some((token) => competed.has(`${field} ${token}`));
		for (const token of [ours, theirs]) competed.add(`${field} ${token}`);
		if (again) continue;
		// Of a stamp older than the last agreement nobody can know whether it is a late commit or a backup of just before.
		if (row.rule === 'late-stamp') continue;
		// Where a field only flows to the channel, an edit there gives way to ours by the person's own choice.
		if (row.rule === 'direction') continue;
		if (!channel || people.acts.restored.has(channel.plan.name) || ours === null || theirs === null) continue;
		if (people.acts.chosen.has(`${row.entity} ${row.internalId} ${row.field}`)) continue;
		const older = world.ledger.ancestry([ours]).has(theirs)
			? theirs
			: world.ledger.ancestry([theirs]).has(ours)
				? ours
				: null;
		const first = row.rule.startsWith('first-contact');
		const wroteOver = !first && older === theirs && older !== ours && wroteItself(channel, row, theirs);
		if (wroteOver) {
			const what = `conflict ${row.id} on ${row.entity} ${row.field} (${row.rule}): ${channel.plan.name} holds what we wrote there ourselves, and ours was made from it`;
			found.push({ invariant: 'black hole', what });
			continue;
		}
		if (older === null || world.agreements.lastBefore(row.createdAt, row.entity, row.linkId, row.field) !== older)
			continue;
		// What went away by a person's edit and came back by another channel was edited all the same.
		const cell =
			older === ours ? { side: 'internal', id: row.internalId } : { side: channel.plan.name, id: row.externalId };
		if (world.ledger.editedFrom(older, { ...cell, entity: row.entity, field: row.field })) continue;
		found.push({
			invariant: 'black hole',
			what: `conflict ${row.id} on ${row.entity} ${row.field} (${row.rule}): ours ${JSON.stringify(row.internal)} against ${channel.plan.name} ${JSON.stringify(row.external)}, but only one side was edited`
		});
	}
	return found;
}

/** The value that seems to be theirs is one that we wrote there: the engine must know its own writes again. */
function wroteItself({ memory }: SimulatedChannel, row: Rows['conflicts'][number], token: number): boolean {
	return memory
		.writes()
		.some(
			({ entity, id, fields }) => entity === row.entity && id === row.externalId && tokenOf(fields[row.field]) === token
		);
}

/** A link that fails again and again is set aside after five tries, and not tried for ever. */
export async function checkSetAside(world: World): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const entity of ['product', 'business-partner']) {
		for (const { id, status, tries, problem } of await world.directory.links(entity)) {
			if (tries <= triesBeforeQuarantine || status === 'quarantined') continue;
			found.push({
				invariant: 'I10',
				what: `${entity} link ${id} failed ${tries} times and is tried again (${problem?.kind})`
			});
		}
	}
	return found;
}

/** While people still work: no link that the simulator did not poison has been set aside, held or stopped. */
export async function checkStuck(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const entity of ['product', 'business-partner']) {
		for (const link of await world.directory.links(entity)) {
			if (link.status !== 'quarantined' || isExcused(people, entity, link)) continue;
			found.push({
				invariant: 'I10',
				what: `${entity} link ${link.id} was set aside: ${link.problem?.kind} ${link.problem?.message}`
			});
		}
	}
	for (const { entity, kind } of await world.directory.rows('holds'))
		found.push({ invariant: 'I10', what: `${kind} of ${entity} are held` });
	return found;
}
