import type { Value } from '#src/sync/fields.ts';
import { epochMicros } from '#src/sync/settle.ts';
import type { Rows } from '../directory.ts';
import { tokenOf } from '../ledger.ts';
import type { People } from '../people.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** When a value was made, in true time: not before `from`, and for all that the stamps can tell as late as `to`. */
type Made = { from: number; to: number };

/**
 * I12: where the newer edit wins, it is the newer one in truth, whatever the clocks say: a skew of a day decides nothing.
 * A channel's stamp speaks for a whole record, so that a later edit of another field counts for this one.
 * Slack: the step of the channel's stamps, its longest transaction, and a second of what was measured of clocks.
 */
export async function checkNewestWins(world: World, people: People): Promise<Violation[]> {
	const found: Violation[] = [];
	for (const row of await world.directory.rows('conflicts')) {
		const channel = people.channelNamed(row.channelId);
		if (row.rule !== 'newest-wins' || row.winner === null || !channel) continue;
		if (people.acts.restored.has(channel.plan.name)) continue;
		if (people.acts.chosen.has(`${row.entity} ${row.internalId} ${row.field}`)) continue;
		const ours = madeAt(world, people, row, row.internal);
		const theirs = madeAt(world, people, row, row.external);
		if (ours === null || theirs === null) continue;
		const { stampResolutionMs = 1_000 } = channel.plan.options;
		const slackMs = stampResolutionMs + channel.plan.lateCommitMs + 1_000;
		const [winner, loser] = row.winner === 'internal' ? [ours, theirs] : [theirs, ours];
		const olderByMs = loser.from - winner.to;
		if (olderByMs <= slackMs) continue;
		found.push({
			invariant: 'I12',
			what: `conflict ${row.id} on ${row.entity} ${row.field}: ${row.winner} won as the newer one and is ${Math.round(olderByMs)} ms older`
		});
	}
	return found;
}

function madeAt(world: World, people: People, row: Rows['conflicts'][number], value: Value | null): Made | null {
	const edits = world.ledger.edits.get(tokenOf(value) ?? -1) ?? [];
	const [edit] = edits;
	if (!edit || edits.length > 1) return null;
	if (edit.side === 'internal') return { from: edit.atMs, to: edit.atMs };
	const source = world.channels.find(({ plan }) => plan.name === edit.side);
	if (!source) return null;
	const untilMs = Number(epochMicros(row.createdAt) ?? 0n) / 1000 - world.plan.skews.database;
	const { stampResolutionMs = 1_000, stampCovers, nullStamps } = source.plan.options;
	// Where its stamp says nothing of the field, a value carries the moment at which it was taken over.
	let to = nullStamps || stampCovers !== 'all' ? untilMs : edit.atMs;
	for (const touch of people.acts.touches) {
		const here = touch.side === edit.side && touch.entity === edit.entity && touch.id === edit.id;
		if (here && touch.atMs <= untilMs) to = Math.max(to, touch.atMs);
	}
	return { from: edit.atMs - stampResolutionMs - source.plan.lateCommitMs, to };
}
