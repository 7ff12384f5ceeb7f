import { sendWindowMs } from '#src/engine/runs/run-context.ts';
import { tokenOf, type Edit } from '../ledger.ts';
import { simulatedFields } from '../plan.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/**
 * I2: every edit is current somewhere, or was replaced by somebody who saw it (an ancestor of what is current), or stands
 * in full among the conflicts, or went with a record that a person deleted. Where a channel has no precondition, what
 * people enter there may be overwritten at the very moment: counted apart.
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

/** How long an answer is on its way at most. */
const answerMs = 60;

/**
 * Where there is no precondition an edit may be lost to a write of ours that left before the edit, or right after it: the
 * engine looks at the record once more, and writes as soon as the answer is there. Older edits it must have seen.
 */
function writtenOverInTime(world: World, { side, entity, id, field, atMs }: Edit): boolean {
	const memory = world.channels.find(({ plan }) => plan.name === side)?.memory;
	const calls = memory
		?.calls()
		.filter((call) => call.method === 'update' && call.entity === entity && call.ids.includes(id));
	return (memory?.writes() ?? []).some((write) => {
		if (write.entity !== entity || write.id !== id || !(field in write.fields) || write.at < atMs) return false;
		const left = calls?.findLast((call) => call.at <= write.at);
		return left !== undefined && left.at <= atMs + windowMs(world, left.at);
	});
}

/** How long before a write left the engine may have looked: one answer, or a send window where a process stood still. */
function windowMs({ stillness }: World, leftMs: number): number {
	return stillness.within(leftMs - sendWindowMs, leftMs) ? sendWindowMs : answerMs;
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
