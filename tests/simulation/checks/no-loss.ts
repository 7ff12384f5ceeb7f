import { sendWindowMs } from '#src/engine/runs/run-context.ts';
import { tokenOf, type Edit } from '../ledger.ts';
import { simulatedFields } from '../plan.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/**
 * I2: every edit is current somewhere, or was replaced by somebody who saw it (an ancestor of what is current), or stands
 * in full among the conflicts, or went with a record that a person deleted. Where a channel has no precondition, what
 * people enter there may be overwritten within a send window: counted apart.
 */
export async function checkNoLoss(world: World): Promise<{ violations: Violation[]; lostWithoutPrecondition: number }> {
	const kept = world.ledger.ancestry([...(await currentTokens(world)), ...(await losers(world)), ...world.ledger.gone]);
	const blind = new Set(
		world.channels.filter(({ plan }) => plan.options.precondition === 'none').map(({ plan }) => plan.name)
	);
	const lost = [...world.ledger.edits].flatMap(([token, edits]) => {
		const edit = edits.find(({ side }) => blind.has(side)) ?? edits[0];
		return edit && !kept.has(token) ? [{ token, edit }] : [];
	});
	const overwritten = lost.filter(({ edit }) => blind.has(edit.side) && writtenOverInTime(world, edit));
	const excused = world.ledger.ancestry(overwritten.map(({ token }) => token));
	const violations = lost
		.filter(({ token }) => !excused.has(token))
		.map(({ token, edit: { side, entity, id, field, parent } }) => ({
			invariant: 'I2',
			what: `edit ${token} of ${side} ${entity} ${id} ${field} (over ${parent}) is gone without a trace`
		}));
	return { violations, lostWithoutPrecondition: overwritten.length };
}

/**
 * Where there is no precondition an edit may be lost to a write of ours that left before the edit, or at most a send window
 * after it: that long ago the engine looked for the last time. Older edits it must have seen.
 */
function writtenOverInTime({ channels }: World, { side, entity, id, field, atMs }: Edit): boolean {
	const memory = channels.find(({ plan }) => plan.name === side)?.memory;
	const calls = memory
		?.calls()
		.filter((call) => call.method === 'update' && call.entity === entity && call.ids[0] === id);
	return (memory?.writes() ?? []).some((write) => {
		if (write.entity !== entity || write.id !== id || !(field in write.fields) || write.at < atMs) return false;
		const left = calls?.findLast((call) => call.at <= write.at);
		return left !== undefined && left.at <= atMs + sendWindowMs;
	});
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
