import { entities } from '#src/entities/registry.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { Dump } from '../dump.ts';
import type { Random } from './random.ts';

export type Row = Readonly<Record<string, unknown>>;

/** What a step is made from: the rows that there are, and choices. Mostly right inputs, now and then wrong ones. */
export type View = ReturnType<typeof createView>;

const texts = [
	'',
	'a',
	'Tent',
	'tent-1',
	'TENT 1',
	'Zelt Ä',
	'O\'Hara "x"',
	'back\\slash',
	'{a,b}',
	'two\nlines',
	'  ',
	'null',
	'😀',
	'P-1',
	'p1'
];
const decimals = [
	'7',
	'7.5',
	'0',
	'-0.5',
	'12.345678',
	'0.0000005',
	'-0.0000004',
	'123456789012.123456',
	'7.000000',
	'1.1000001',
	null
];
const rareId = '999';

/** @param nowMs of the virtual clock */
export function createView(random: Random, dump: Dump, nowMs: number) {
	const rows = (table: string, where: (row: Row) => boolean = () => true) => (dump[table] ?? []).filter(where);
	const idOf = (row: Row | undefined) => (row === undefined ? rareId : String(row['id']));
	const oneOf = (table: string, where?: (row: Row) => boolean): Row | undefined => {
		const found = rows(table, where);
		return found.length === 0 || random.chance(0.03) ? undefined : random.pick(found);
	};
	const entity = random.chance(0.85) ? 'product' : 'business-partner';
	const definition = entities.find(({ name }) => name === entity) ?? entities[0];
	if (!definition) throw new Error('there are no entities');
	const channelId = random.chance(0.65) ? '1' : idOf(oneOf('c_channel'));
	const here = (row: Row) => String(row['c_channel_id']) === channelId && (row['entity'] ?? entity) === entity;
	const { internalColumn, externalColumn, table } = definition.mapNames;
	const textFields = definition.fields.filter(({ type }) => type === 'text').map(({ name }) => name);

	const value = (field: string): Value => {
		const type = definition.fields.find(({ name }) => name === field)?.type;
		if (type === 'decimal') return random.pick(decimals);
		if (type === 'boolean') return random.chance(0.5);
		if (type === 'reference') return random.pick(['1', '2', rareId, null]);
		if (field === 'value' && random.chance(0.6)) return `P-${random.int(30)}`;
		return random.chance(0.1) && field !== 'value' && field !== 'name' ? null : random.pick(texts);
	};
	return {
		random,
		rows,
		idOf,
		oneOf,
		entity,
		definition,
		channelId,
		here,
		textFields,
		link: () => {
			const row = oneOf(table, here);
			return {
				linkId: idOf(row),
				internalId: String(row?.[internalColumn] ?? rareId),
				externalId: String(row?.[externalColumn] ?? 'E1'),
				variantId: String(row?.['external_variant_id'] ?? ''),
				row
			};
		},
		linkIds: (most: number) => {
			const ids = random.some(rows(table, here), most).map(idOf);
			return random.chance(0.1) ? [...ids, rareId] : ids;
		},
		internalId: () => idOf(oneOf(definition.recordTable)),
		external: () => {
			const row = oneOf('c_channel_record', here);
			return random.chance(0.1) || !row
				? { externalId: `E${random.int(15)}`, variantId: '' }
				: { externalId: String(row['external_id']), variantId: String(row['external_variant_id']) };
		},
		runId: (state: string) => idOf(oneOf('sync_run', (row) => random.chance(0.2) || row['state'] === state)),
		/** A run that goes on, mostly in the hands of who took it up last. */
		runHands: () => {
			const run = oneOf('sync_run', (row) => random.chance(0.2) || row['state'] === 'running');
			return { runId: idOf(run), attempt: Number(run?.['attempt'] ?? 0) - (random.chance(0.2) ? 1 : 0) };
		},
		/** For calls that the engine makes only from within a run; null where there is none. */
		knownRunId: () => (rows('sync_run').length === 0 ? null : idOf(random.pick(rows('sync_run')))),
		workerId: () => random.pick(['one', 'two']),
		value,
		fields: (most: number): Fields =>
			Object.fromEntries(random.some(definition.fields, most).map(({ name }) => [name, value(name)])),
		/** As a codec or a row gives them: every field, the required ones with a text. */
		wholeFields: (): Fields =>
			Object.fromEntries(
				definition.fields.map(({ name, required }) => [name, required ? `${String(value(name) ?? '')}` : value(name)])
			),
		/** What a link or record may wait for: records of either entity, linked or not. */
		awaiting: () =>
			random.some(['price', 'name', 'category'], 2).map((field) => {
				const toEntity = random.pick(['product', 'business-partner']);
				const side = random.pick(['internal', 'external'] as const);
				const ours = random.pick(['1', '2', '3', '4', '5', rareId]);
				const refId = side === 'internal' ? ours : random.pick(['E1', 'E4', 'E5', 'E6', 'E7/v', `E${random.int(15)}`]);
				return {
					field,
					toEntity,
					side,
					refId,
					problem: { kind: 'awaiting', message: 'waits', hint: 'link it', field }
				};
			}),
		version: () => (random.chance(0.2) ? null : `v${random.int(4)}`),
		stamp: () => (random.chance(0.3) ? null : isoAt(nowMs - random.int(100_000))),
		isoAt: (agoMs: number) => isoAt(nowMs - agoMs),
		problem: () => ({ kind: random.pick(['rejected', 'unreachable']), message: random.pick(texts), hint: 'a hint' })
	};
}

const isoAt = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}123Z`;
