import { canonical } from '#src/sync/fields.ts';
import type { SimulatedChannel } from '../channel.ts';
import type { People } from '../people.ts';
import { simulatedFields } from '../plan.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** From when on people change nothing: by the database's clock, and the engine's writes at each channel until then. */
export type Quiet = { since: string; writes: ReadonlyMap<string, number> };

/** That moment, if it is now. */
export function quietNow(world: World): Quiet {
	return {
		since: world.nowIso(),
		writes: new Map(world.channels.map(({ id, memory }) => [id, memory.writes().length]))
	};
}

/**
 * The change feed alone misses nothing that it can show: after incremental runs without a full listing in between, what
 * the directory has seen of each record is what the channel holds. (Full listings heal what a feed misses, and hide it.)
 */
export async function checkFeed(world: World, people: People, quiet: Quiet): Promise<Violation[]> {
	const found: Violation[] = [];
	const asked = new Set(
		(await world.directory.rows('runs'))
			.filter(
				({ mode, state, startedAt }) =>
					mode === 'incremental' && endedWell.has(state) && (startedAt ?? '') > quiet.since
			)
			.map(({ channelId, entity }) => `${channelId} ${entity}`)
	);
	const seen = await world.directory.rows('seen');
	// What a listing leaves out is read by its id, unless a person ended its link: the next whole listing shows that again.
	const listingLied = [...world.faults.counts().keys()].some((key) => /^(truncated|empty)-page list/.test(key));
	const linked = await linkedRecords(world);
	for (const channel of world.channels.filter((each) => showsEveryChange(each, people))) {
		for (const row of seen) {
			if (row.channelId !== channel.id || row.deletedAt !== null || !asked.has(`${channel.id} ${row.entity}`)) continue;
			const record = channel.memory.record(row.entity, row.externalId);
			// What the engine itself wrote after it had asked the feed is shown by the next look only.
			if (wroteSince(channel, quiet, row)) continue;
			if (listingLied && !linked.has(`${channel.id} ${row.entity} ${row.externalId}`)) continue;
			const fields = channel.memory.inside.data.entities[row.entity] ?? [];
			const missed = fields.find(
				({ name, type }) =>
					record && canonical(type, record.fields[name] ?? null) !== canonical(type, row.fields[name] ?? null)
			);
			if (!record || !missed) continue;
			const what = `${channel.plan.name} ${row.entity} ${row.externalId} ${missed.name} is ${JSON.stringify(record.fields[missed.name])}, the feed last showed ${JSON.stringify(row.fields[missed.name])}`;
			found.push({ invariant: 'I10', what });
		}
	}
	return found;
}

/** Records that are read by their id when something seems to have happened to them, and that wait for no such read now. */
async function linkedRecords({ directory }: World): Promise<ReadonlySet<string>> {
	const keys = new Set<string>();
	for (const entity of Object.keys(simulatedFields))
		for (const { channelId, externalId, status, dirtySeq, cleanSeq } of await directory.links(entity))
			if (status !== 'orphan' && dirtySeq === cleanSeq) keys.add(`${channelId} ${entity} ${externalId}`);
	return keys;
}

function wroteSince(
	{ id, memory }: SimulatedChannel,
	quiet: Quiet,
	seen: { entity: string; externalId: string }
): boolean {
	const later = memory.writes().slice(quiet.writes.get(id) ?? 0);
	return later.some((write) => write.entity === seen.entity && write.id === seen.externalId);
}

const endedWell: ReadonlySet<string> = new Set(['succeeded', 'partial']);

/** Its stamps cover every field, are never missing, and it has neither been away nor gone back in time. */
function showsEveryChange({ plan, dead }: SimulatedChannel, people: People): boolean {
	const { options } = plan;
	const covers = options.stampCovers === undefined || options.stampCovers === 'all';
	return (
		options.hasChanges !== false &&
		!options.nullStamps &&
		covers &&
		dead === null &&
		!people.acts.restored.has(plan.name)
	);
}
