import type { Entity } from '#src/entities/entity.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { notByItself } from '../exclusions.ts';
import type { LinkRecordsInput, LinkRecordsResult } from '../link-records.ts';
import type { Refusal } from '../refusal.ts';
import {
	intentOpen,
	notCarried,
	nothingToLink,
	secondaryNotAllowed,
	unknownChannel,
	unknownEntity,
	unknownExternal
} from '../refusals.ts';
import { overriddenBy } from '../scope-of.ts';
import { deleteExclusions, exclusionsOf } from './exclusions.ts';
import { heldBy } from './find-holder.ts';
import { leaveWaitingLists } from './leave-waiting-lists.ts';
import { tryInsertLinkRow } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { sidesOutside } from './scope-of.ts';
import { stateBegan } from './state-delta.ts';
import type { Tables } from './tables.ts';

/** `linkRecords` in memory. */
export function linkRecords(tables: Tables, input: LinkRecordsInput): LinkRecordsResult {
	return linkWithin(tables, input);
}

/** `linkWithin` in memory. */
export function linkWithin(
	tables: Tables,
	input: LinkRecordsInput,
	because: Record<string, unknown> = {}
): LinkRecordsResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const { channelId, internalId, externalId, variantId } = input;
	const isPrimary = input.isPrimary ?? true;
	const missing = checkSides(tables, entity, { ...input, isPrimary });
	if (missing) return missing;
	const exclusions = exclusionsOf(tables, input);
	const outside = sidesOutside(tables, input);
	const refused = input.override ? null : notByItself(exclusions, outside);
	if (refused) return heldBy(tables, entity.name, { ...input, isPrimary }) ?? refused;
	const about = { channelId, internalId, externalId, variantId };
	const link = tryInsertLinkRow(tables, entity.name, { ...about, isPrimary });
	if (!link) {
		const held = heldBy(tables, entity.name, { ...input, isPrimary });
		if (!held) throw new Error(`${entity.mapNames.table}: in conflict with no row`);
		return held;
	}
	deleteExclusions(tables, exclusions);
	dropFailedIntent(tables, { ...about, entity: entity.name });
	leaveWaitingLists(tables, input);
	const inputs = { isPrimary, overridden: overriddenBy(exclusions, outside) };
	const linkState = stateBegan(link);
	const why = { ...inputs, ...because };
	writeJournal(tables, input, {
		...about,
		entity: entity.name,
		linkId: link.id,
		action: 'link',
		inputs: why,
		linkState
	});
	const object = `${entity.name}-link/${link.id}`;
	writeAudit(tables, input, { action: 'link', object, channelId, detail: { ...about, ...inputs } });
	return { ok: true, linkId: link.id };
}

function checkSides(tables: Tables, entity: Entity, input: LinkRecordsInput & { isPrimary: boolean }): Refusal | null {
	const { channelId, internalId } = input;
	const channel = tables.channels.get(channelId);
	if (!channel) return unknownChannel(channelId);
	const settings = tables.channelEntity(channelId, entity.name);
	if (!settings) return notCarried(channel.name, entity);
	if (!input.isPrimary && !settings.allowSecondary) return secondaryNotAllowed(channel.name);
	if (!tables.of(entity.name).records.get(internalId)) return nothingToLink();
	const external = checkExternal(tables, entity, channel.name, input);
	if (external) return external;
	const intent = tables.intentOfRecord(channelId, entity.name, internalId);
	return intent?.state === 'open' ? intentOpen(`in ${channel.name}`) : null;
}

/** `checkExternal` in memory. */
export function checkExternal(
	tables: Tables,
	entity: Entity,
	channelName: string,
	{ channelId, externalId, variantId }: { channelId: string; externalId: string; variantId: string }
): Refusal | null {
	const seen = tables.channelRecord(channelId, entity.name, externalId, variantId);
	if (seen?.deletedAt !== null) return unknownExternal(entity, channelName, externalId, seen !== undefined);
	for (const intent of tables.intents.all()) {
		if (intent.channelId !== channelId || intent.entity !== entity.name || intent.state !== 'open') continue;
		if (intent.reference === seen.reference) return intentOpen(`in ${channelName}`);
	}
	return null;
}

/** Forgets a create that ended as a problem: the record has a link instead. */
export function dropFailedIntent(
	tables: Tables,
	{ channelId, entity, internalId }: { channelId: string; entity: string; internalId: string }
): void {
	const intent = tables.intentOfRecord(channelId, entity, internalId);
	if (intent?.state === 'problem') tables.intents.remove(intent);
}
