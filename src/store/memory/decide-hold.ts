import { entityNamed } from '#src/entities/registry.ts';
import type { DecideHoldInput, DecideHoldResult } from '../decide-hold.ts';
import { holdDecided } from '../refusals.ts';
import { fillCandidates } from './fill-candidates.ts';
import { disarm } from './go-live.ts';
import { grantEffects } from './grant-effects.ts';
import { markLinks } from './mark-links.ts';
import { writeAudit } from './person-journal.ts';
import type { HoldRow } from './run-tables.ts';
import type { Tables } from './tables.ts';

/** `decideHold` in memory. */
export function decideHold(tables: Tables, input: DecideHoldInput): DecideHoldResult {
	const hold = tables.holds.get(input.holdId);
	if (hold?.state !== 'open') return holdDecided();
	const { channelId, entity, kind } = hold;
	const waiting = heldLinks(tables, hold);
	const state = input.decision === 'approve' ? 'approved' : 'discarded';
	tables.holds.replace(hold, { ...hold, state, decidedBy: input.actor.name, decidedAt: tables.now() });
	if (input.decision === 'approve') grant(tables, { ...hold, waiting });
	else if (kind !== 'absences') disarm(tables, channelId, entity, ['push', 'pull']);
	const action = `${input.decision}-hold`;
	const detail = { entity, kind, waiting };
	writeAudit(tables, input, { action, object: `hold/${input.holdId}`, channelId, detail });
	return { ok: true, channelId, entity, kind, waiting };
}

/** `heldLinks` in memory. */
function heldLinks(tables: Tables, { channelId, entity, kind, waiting }: HoldRow): number {
	if (kind !== 'updates' || !entityNamed(entity)) return waiting;
	const links = [...tables.of(entity).links.all()].filter((link) => {
		return link.channelId === channelId && link.status === 'pending' && link.waiting !== null;
	});
	return Math.max(waiting, links.length);
}

function grant(tables: Tables, { channelId, entity: name, kind, waiting }: HoldRow): void {
	grantEffects(tables, { channelId, entity: name, kind, count: waiting });
	if (!entityNamed(name) || kind === 'absences') return;
	if (kind !== 'creates') {
		markLinks(tables, name, channelId, 'waiting');
		return;
	}
	const auto = tables.channelEntity(channelId, name);
	if (auto?.autoCreateExternal) fillCandidates(tables, name, channelId, 'internal');
	if (auto?.autoCreateInternal) fillCandidates(tables, name, channelId, 'external');
}
