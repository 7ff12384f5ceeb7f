import { entityNamed } from '#src/entities/registry.ts';
import { unknownEntity, unknownLink } from '../refusals.ts';
import type { RequestSyncInput, RequestSyncResult } from '../request-sync.ts';
import { markDirty } from './link-triggers.ts';
import { writeAudit } from './person-journal.ts';
import { inIdOrder } from './table.ts';
import type { LinkRow, Tables } from './tables.ts';

/** `requestSync` in memory. */
export function requestSync(tables: Tables, input: RequestSyncInput): RequestSyncResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const links = linksById(tables, entity.name, input.linkIds);
	const [first] = links;
	if (!first) return unknownLink();
	markDirty(tables, entity.name, links, true);
	const object = links.length === 1 ? `${entity.name}-link/${first.id}` : `${entity.name}-link`;
	const detail = { links: links.map(({ id }) => id) };
	writeAudit(tables, input, { action: 'sync', object, channelId: first.channelId, detail });
	return { ok: true, links: links.map(({ id, channelId }) => ({ id, channelId })) };
}

/** The links of these ids that exist, in id order. */
export function linksById(tables: Tables, entity: string, ids: readonly string[]): LinkRow[] {
	const { links } = tables.of(entity);
	return inIdOrder([...new Set(ids)].flatMap((id) => links.get(id) ?? []));
}
