import { tokenOf } from '../ledger.ts';
import { simulatedFields } from '../plan.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/**
 * I2: every edit is current somewhere, or was replaced by somebody who saw it (an ancestor of what is current), or stands
 * in full among the conflicts, or went with a record that a person deleted. Where a channel has no precondition, what
 * people enter there may be overwritten: counted apart.
 */
export async function checkNoLoss(world: World): Promise<{ violations: Violation[]; lostWithoutPrecondition: number }> {
	const kept = world.ledger.ancestry([...(await currentTokens(world)), ...(await losers(world)), ...world.ledger.gone]);
	const blind = new Set(
		world.channels.filter(({ plan }) => plan.options.precondition === 'none').map(({ plan }) => plan.name)
	);
	const violations: Violation[] = [];
	let lostWithoutPrecondition = 0;
	for (const [token, edits] of world.ledger.edits) {
		if (kept.has(token)) continue;
		const edit = edits.find(({ side }) => blind.has(side)) ?? edits[0];
		if (!edit) continue;
		if (blind.has(edit.side)) lostWithoutPrecondition += 1;
		else
			violations.push({
				invariant: 'I2',
				what: `edit ${token} of ${edit.side} ${edit.entity} ${edit.id} ${edit.field} (over ${edit.parent}) is gone without a trace`
			});
	}
	return { violations, lostWithoutPrecondition };
}

async function currentTokens(world: World): Promise<Set<number>> {
	const tokens = new Set<number>();
	const take = (fields: Readonly<Record<string, string | boolean | null>>) => {
		for (const value of Object.values(fields)) {
			const token = tokenOf(value);
			if (token !== null) tokens.add(token);
		}
	};
	for (const entity of Object.keys(simulatedFields)) {
		for (const { fields } of await world.directory.all(entity)) take(fields);
		for (const { memory } of world.channels) for (const { fields } of memory.records(entity)) take(fields);
	}
	return tokens;
}

/** Both values of every conflict on record: the one that lost is on the screen and can be taken after all. */
async function losers(world: World): Promise<Set<number>> {
	const tokens = new Set<number>();
	for (const { internal, external } of await world.directory.rows('conflicts')) {
		for (const value of [internal, external]) {
			const token = tokenOf(value);
			if (token !== null) tokens.add(token);
		}
	}
	return tokens;
}
