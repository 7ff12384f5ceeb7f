import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, Capabilities, ExternalRecord, Page, Resource } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { MemoryChannel } from './create-memory-channel.ts';
import type { Exchange } from './exchange.ts';
import type { Fault, MemoryOptions } from './options.ts';
import { codecOf } from './rewrite.ts';
import type { MemoryRecord } from './table.ts';
import { createWriter } from './writer.ts';

const searchMax = 20;

/** One entity of a memory channel. */
export function createResource(channel: MemoryChannel, entity: string, exchange: Exchange): Resource {
	const { options } = channel;
	const { data } = channel.inside;
	const pageSize = options.pageSize ?? 100;
	const show = (record: MemoryRecord) => externalRecord(record, options);
	const lag = (fault: Fault | undefined, lagMs = 0) => (fault?.kind === 'stale' ? fault.agoMs : lagMs);
	const listed = (fault: Fault | undefined) =>
		fault?.kind === 'empty' ? [] : data.visible(entity, lag(fault, options.listLagMs));

	const changes = (since: string, cursor: string | null, call?: CallOptions) =>
		exchange({ method: 'changes', entity, ids: [], options: call }, (fault) => {
			const from = cutToResolution(since, options);
			const rows = listed(fault).filter((record) => record.stampMicros >= from);
			return pageOf(rows, { cursor, pageSize, fault, placeOf: (record) => [record.stampMicros, record.seq], show });
		});
	const findByReference = (references: readonly string[], call?: CallOptions) =>
		exchange({ method: 'find', entity, ids: references, options: call }, (fault) => {
			if (fault?.kind === 'empty') return [];
			return data
				.visible(entity, lag(fault))
				.filter(
					({ reference, id }) => reference !== null && references.includes(reference) && data.isIndexed(entity, id)
				)
				.map(show);
		});
	const { create, ...writer } = createWriter(channel, entity, exchange);

	return {
		fields: (data.entities[entity] ?? []).map(codecOf),
		capabilities: capabilitiesOf(options, pageSize),
		fingerprint: JSON.stringify(data.entities[entity]),
		list: (cursor, call) =>
			exchange({ method: 'list', entity, ids: [], options: call }, (fault) =>
				pageOf(listed(fault), { cursor, pageSize, fault, placeOf: (record) => [0, record.seq], show })
			),
		read: (keys, call) => {
			const ids = [...new Set(keys.filter((key) => key.variantId === '').map((key) => key.id))];
			return exchange({ method: 'read', entity, ids, options: call }, (fault) => {
				if (fault?.kind === 'empty') return [];
				const shown = fault?.kind === 'truncated' ? ids.slice(0, fault.keep) : ids;
				return shown.flatMap((id) => data.peek(entity, id, lag(fault)) ?? []).map(show);
			});
		},
		search: (text, call) =>
			exchange({ method: 'search', entity, ids: [], options: call }, (fault) =>
				listed(fault)
					.filter((record) => mentions(record, text))
					.slice(0, searchMax)
					.map(show)
			),
		...(options.hasChanges !== false && { changes }),
		...(options.reference !== 'none' && { findByReference }),
		...(options.hasCreate !== false && { create }),
		...writer
	};
}

function capabilitiesOf(options: MemoryOptions, pageSize: number): Capabilities {
	const overlapMs = options.overlapMs ?? 2000;
	const kind = options.precondition ?? 'strict';
	return {
		precondition: kind === 'coarse' ? { kind, settleMs: options.settleMs ?? 1000 } : { kind },
		...(options.reference !== 'none' && { reference: { searchLagMs: options.referenceLagMs ?? 0 } }),
		stampResolutionMs: options.stampResolutionMs ?? 1000,
		stampCovers: options.stampCovers ?? 'all',
		overlapMs,
		pageSize
	};
}

/** A record as the connector hands it out. */
export function externalRecord(record: MemoryRecord, options: MemoryOptions): ExternalRecord {
	return {
		id: record.id,
		variantId: '',
		version: versionOf(record, options),
		stamp: options.nullStamps && record.fresh ? null : record.stamp,
		fields: { ...record.fields },
		reference: options.reference === 'none' ? null : record.reference
	};
}

/** The tag of a record's state, as fine as the channel's precondition is. */
export function versionOf(record: MemoryRecord, { precondition = 'strict' }: MemoryOptions): string | null {
	if (precondition === 'none') return null;
	return precondition === 'strict' ? `r${record.revision}` : `t${Math.floor(record.stampMicros / 1_000_000)}`;
}

/** The error for values that the channel refuses, or null. */
export function refusalOf(options: MemoryOptions, entity: string, fields: Fields): ConnectorError | null {
	const words = options.refuses?.(fields, entity) ?? null;
	if (words === null) return null;
	return new ConnectorError('rejected', { hint: `The channel refuses these values: ${words}`, reply: words });
}

type Place = readonly [number, number];

function pageOf(
	rows: readonly MemoryRecord[],
	page: {
		cursor: string | null;
		pageSize: number;
		fault: Fault | undefined;
		placeOf: (record: MemoryRecord) => Place;
		show: (record: MemoryRecord) => ExternalRecord;
	}
): Page {
	const { cursor, pageSize, fault, placeOf, show } = page;
	const after = cursor === null ? null : (JSON.parse(cursor) as Place);
	const compare = (a: Place, b: Place) => a[0] - b[0] || a[1] - b[1];
	const rest = rows
		.filter((record) => after === null || compare(placeOf(record), after) > 0)
		.sort((a, b) => compare(placeOf(a), placeOf(b)));
	const records = rest.slice(0, pageSize);
	const last = records.at(-1);
	const next = last && rest.length > pageSize ? JSON.stringify(placeOf(last)) : null;
	if (fault?.kind === 'truncated') return { records: records.slice(0, fault.keep).map(show), next: null };
	const shown = fault?.kind === 'duplicated' ? records.flatMap((record) => [record, record]) : records;
	return { records: shown.map(show), next };
}

function cutToResolution(iso: string, { stampResolutionMs = 1000 }: MemoryOptions): number {
	const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
	const micros = Date.parse(iso.replace(/\.\d+/, '')) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
	const step = stampResolutionMs * 1000;
	return Math.floor(micros / step) * step;
}

function mentions({ id, fields }: MemoryRecord, text: string): boolean {
	const words = [id, fields['value'], fields['name']].filter((word) => typeof word === 'string');
	return words.join('\n').toLowerCase().includes(text.trim().toLowerCase());
}
