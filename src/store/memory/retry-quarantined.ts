import { entityNamed } from '#src/entities/registry.ts';
import { unknownEntity } from '../refusals.ts';
import { linksAtMost, type RetryQuarantinedInput, type RetryQuarantinedResult } from '../retry-quarantined.ts';
import { updateLinkRows } from './link-triggers.ts';
import { writeAudit, writeJournal } from './person-journal.ts';
import { linksById } from './request-sync.ts';
import { stateDelta } from './state-delta.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `retryQuarantined` in memory. */
export function retryQuarantined(tables: Tables, input: RetryQuarantinedInput): RetryQuarantinedResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const named =
		'linkIds' in input
			? linksById(tables, entity.name, input.linkIds)
			: inIdOrder(tables.of(entity.name).linksOfChannel(input.channelId)).filter(
					({ problem }) => problem?.kind === input.kind
				);
	const links = named.filter(({ status }) => status === 'failed' || status === 'quarantined').slice(0, linksAtMost);
	const moved = updateLinkRows(
		tables,
		entity.name,
		links.map((before) => ({ before, set: freed(before) }))
	);
	for (const [at, before] of links.entries()) {
		const { id: linkId, channelId, internalId, externalId, variantId, problem, tries } = before;
		const about = { channelId, entity: entity.name, linkId, internalId, externalId, variantId };
		const linkState = stateDelta(before, moved[at] ?? before);
		writeJournal(tables, input, { ...about, action: 'retry', inputs: { problem, tries }, linkState });
	}
	const [first] = links;
	if (first) {
		const object = links.length === 1 ? `${entity.name}-link/${first.id}` : `${entity.name}-link`;
		const detail = { links: links.length, ...('kind' in input ? { kind: input.kind } : {}) };
		writeAudit(tables, input, { action: 'retry', object, channelId: first.channelId, detail });
	}
	return { ok: true, links: links.map(({ id, channelId }) => ({ id, channelId })) };
}

function freed(link: LinkRow): Partial<LinkRow> {
	return {
		status: 'pending',
		problem: null,
		tries: 0,
		retryAt: null,
		dirtySeq: link.dirtySeq + 1n,
		stateRev: link.stateRev + 1n
	};
}
