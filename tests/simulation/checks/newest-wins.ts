import { epochMicros } from '#src/sync/settle.ts';
import type { Rows } from '../directory.ts';
import { tokenOf, type Edit } from '../ledger.ts';
import type { People } from '../people.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/**
 * I12: where the newer edit wins, it is the newer one in truth, whatever the clocks say: a skew of a day decides nothing.
 * Slack: the step of the channel's stamps, its longest transaction, and a second of what was measured of clocks.
 */
export async function checkNewestWins(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const row of await world.directory.rows('conflicts')) {
		const channel = people.channelNamed(row.channelId);
		if (row.rule !== 'newest-wins' || row.winner === null || !channel || people.acts.restored.has(channel.plan.name))
			continue;
		if (people.acts.chosen.has(`${row.entity} ${row.internalId} ${row.field}`)) continue;
		const ours = madeAt(world, people, row);
		const theirs = lastEdit(world, people, channel.plan.name, row);
		if (ours === null || theirs === null) continue;
		const { stampResolutionMs = 1_000 } = channel.plan.options;
		const slackMs = stampResolutionMs + channel.plan.lateCommitMs + 1_000;
		const lateMs = row.winner === 'internal' ? theirs - ours : ours - theirs;
		if (lateMs <= slackMs) continue;
		found.push({
			invariant: 'I12',
			what: `conflict ${row.id} on ${row.entity} ${row.field}: ${row.winner} won as the newer one and is ${Math.round(lateMs)} ms older`
		});
	}
	return found;
}

/** When a person last edited the channel's record, before the conflict: its stamp speaks for the whole record. */
function lastEdit(world: World, people: People, side: string, row: Rows['conflicts'][number]): number | null {
	const untilMs = Number(epochMicros(row.createdAt) ?? 0n) / 1000 - world.plan.skews.database;
	let lastMs: number | null = null;
	for (const touch of people.acts.touches) {
		const here = touch.side === side && touch.entity === row.entity && touch.id === row.externalId;
		if (here && touch.atMs <= untilMs) lastMs = Math.max(lastMs ?? 0, touch.atMs);
	}
	return lastMs;
}

/**
 * When a person entered our value, in true time; null where that is not known. One that came from a channel carries the
 * time of that channel's record.
 */
function madeAt(world: World, people: People, row: Rows['conflicts'][number]): number | null {
	const edits: Edit[] = world.ledger.edits.get(tokenOf(row.internal) ?? -1) ?? [];
	const [edit] = edits;
	if (!edit || edits.length > 1) return null;
	return edit.side === 'internal' ? edit.atMs : lastEdit(world, people, edit.side, { ...row, externalId: edit.id });
}
