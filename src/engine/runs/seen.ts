import type { Entity } from '#src/entities/entity.ts';
import type { SeenRecord } from '#src/store/record-page.ts';
import { externalKeysOf } from '#src/sync/match-references.ts';
import type { ExternalRecord } from '../connectors/connector.ts';

/** A record of the channel in the form in which it is kept. */
export function seenOf(entity: Entity, record: ExternalRecord): SeenRecord {
	return {
		externalId: record.id,
		variantId: record.variantId,
		fields: record.fields,
		version: record.version,
		stamp: record.stamp,
		reference: record.reference,
		url: record.url ?? null,
		matchKeys: externalKeysOf(entity, record.fields)
	};
}
