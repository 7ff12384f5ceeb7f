import { sameJson } from '#src/store/memory/same-fields.ts';
import { compareIds } from '#src/store/memory/table.ts';
import type { LinkRow } from '../directory.ts';
import { simulatedFields } from '../plan.ts';
import { replayJournal, UnreplayableJournal, type ReplayedLink } from '../replay-journal.ts';
import type { World } from '../world.ts';
import type { Violation } from './violation.ts';

/** I14: the journal, played from nothing, gives the link tables: every state of every link is explained by what is stored. */
export async function checkJournalReplays(world: World): Promise<Violation[]> {
	const told = await replayed(world);
	if (typeof told === 'string') return [{ invariant: 'I14', what: told }];
	const found: Violation[] = [];
	for (const entity of Object.keys(simulatedFields)) {
		for (const link of await world.directory.links(entity)) {
			const key = `${entity} ${link.id}`;
			const difference = differenceOf(link, told.get(key));
			told.delete(key);
			if (difference !== null) found.push({ invariant: 'I14', what: `${key}: ${difference}` });
		}
	}
	for (const key of told.keys()) found.push({ invariant: 'I14', what: `${key} is in the journal alone` });
	return found;
}

async function replayed(world: World): Promise<Map<string, ReplayedLink> | string> {
	const rows = await world.directory.rows('decisions');
	try {
		return replayJournal(rows.sort((one, other) => compareIds(one.id, other.id)));
	} catch (error) {
		if (error instanceof UnreplayableJournal) return error.message;
		throw error;
	}
}

function differenceOf(link: LinkRow, told: ReplayedLink | undefined): string | null {
	if (!told) return 'the journal does not know it';
	const { channelId, internalId, externalId, variantId, state } = told;
	const pairs: readonly (readonly [string, unknown, unknown])[] = [
		['channel', link.channelId, channelId],
		['internal id', link.internalId, internalId],
		['external id', link.externalId, externalId],
		['variant', link.variantId, variantId],
		['is_primary', link.isPrimary, state.is_primary],
		['status', link.status, state.status],
		['waiting', link.waiting, state.waiting],
		['problem', link.problem, state.problem],
		['base_internal', link.baseInternal, state.base_internal],
		['base_external', link.baseExternal, state.base_external],
		['unconfirmed', link.unconfirmed, state.unconfirmed],
		['codec_fingerprint', link.codecFingerprint, state.codec_fingerprint],
		['pending_write', link.pendingWrite, state.pending_write]
	];
	for (const [column, there, journal] of pairs) {
		if (!sameJson(there, journal))
			return `${column} is ${JSON.stringify(there)}, the journal tells ${JSON.stringify(journal)}`;
	}
	return null;
}
