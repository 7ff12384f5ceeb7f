import { z } from 'zod';
import type { CallOptions, ExternalKey } from '../connector.ts';
import type { AdminApi } from './admin-api.ts';
import type { Filter, VendureEntity, VendureRow } from './entity.ts';
import { idText, stampSchema } from './entity.ts';
import { invalidReply, parsed } from './reply-error.ts';

/** Argument of a list of the Admin API. */
export type ListOptions = {
	filter?: Filter;
	sort?: Readonly<Record<string, 'ASC' | 'DESC'>>;
	skip?: number;
	take: number;
};

/** Rows of one entity, checked at the door. */
export type Rows<Row> = {
	find(list: ListOptions, options?: CallOptions): Promise<readonly Row[]>;
	/** The same by the items of the list, with the stamp of each. */
	items(list: ListOptions, options?: CallOptions): Promise<readonly ListedItem<Row>[]>;
	/** How many items of the list hold at most so many records. */
	itemsFor(records: number, options?: CallOptions): Promise<number>;
	byKeys(keys: readonly ExternalKey[], options?: CallOptions): Promise<readonly Row[]>;
	/** Those that meet one of `exact`, then those that meet one of `similar`, each once. */
	search(
		exact: readonly Filter[],
		similar: readonly Filter[],
		limit: number,
		options?: CallOptions
	): Promise<readonly Row[]>;
	/** Those with a later stamp than `after` in the list itself, in the order of stamps. */
	stamped(list: ListOptions, options?: CallOptions): Promise<readonly { stamp: string; rows: readonly VendureRow[] }[]>;
	/** The highest id there is, null where there are no records. */
	lastId(options?: CallOptions): Promise<string | null>;
	/** The row of this key as it was read last in this session, where it is still known. */
	remembered(key: ExternalKey): Row | undefined;
};

/** An item of a list. */
export type ListedItem<Row> = { stamp: string; rows: readonly Row[] };

const stampedSchema = z.object({ updatedAt: stampSchema });
const foundSchema = z.object({ found: z.object({ items: z.array(z.unknown()) }) });
const twoSchema = foundSchema.extend({ similar: foundSchema.shape.found });
const idSchema = z.object({ id: idText });
/** More than a run works on at a time. */
const rememberedMost = 1000;
/** Ids asked for in one call. */
const idsAtOnce = 100;

/** Reads rows of `entity`; throws `invalid-reply` for answers that no list can have. */
export function createRows<Row extends VendureRow>(entity: VendureEntity<Row>, api: AdminApi): Rows<Row> {
	const memory = createMemory<Row>();

	async function ready(options?: CallOptions) {
		const server = await api.server(options);
		await entity.prepare?.(options);
		return server;
	}

	async function items(list: ListOptions, options?: CallOptions): Promise<readonly ListedItem<Row>[]> {
		const server = await ready(options);
		const within = entity.only ? { ...list, filter: { ...list.filter, ...entity.only } } : list;
		const raws = await itemsOf(api, entity, entity.selection(server), within, options);
		const found = raws.map((raw) => ({
			stamp: parsed(stampedSchema, raw, api.from, entity.list).updatedAt,
			rows: entity.rows(raw, server)
		}));
		const rows = found.flatMap((item) => item.rows);
		if (new Set(rows.map(({ record }) => keyOf(record))).size < rows.length)
			throw invalidReply(api.from, entity.list, 'it sent the same row twice');
		memory.keep(rows);
		return found;
	}

	const find = async (list: ListOptions, options?: CallOptions) =>
		(await items(list, options)).flatMap(({ rows }) => rows);

	return {
		find,
		items,
		async itemsFor(records, options) {
			const server = await ready(options);
			return Math.max(1, Math.floor(records / Math.max(1, entity.perItem?.(server) ?? 1)));
		},
		async byKeys(keys, options) {
			const wanted = new Set(keys.map(keyOf));
			const ids = [...new Set(keys.map((key) => entity.listedId(key)).filter((id) => id !== null))];
			const found: Row[] = [];
			for (let start = 0; start < ids.length; start += idsAtOnce) {
				const some = ids.slice(start, start + idsAtOnce);
				found.push(...(await find({ filter: { id: { in: some } }, take: some.length }, options)));
			}
			return found.filter(({ record }) => wanted.has(keyOf(record)));
		},
		search: (exact, similar, limit, options) => search(entity, api, exact, similar, limit, options),
		async stamped(list, options) {
			const { parents } = entity;
			if (!parents) return [];
			const server = await api.server(options);
			const items = await itemsOf(api, parents, parents.selection(server), list, options);
			return items.map((raw) => parents.rows(raw, server));
		},
		async lastId(options) {
			await ready(options);
			const [last] = await itemsOf(api, entity, 'id', { sort: { id: 'DESC' }, take: 1 }, options);
			return last === undefined ? null : parsed(idSchema, last, api.from, entity.list).id;
		},
		remembered: (key) => memory.of(key)
	};
}

/** The rows that were read last, as many as a run works on at a time. */
function createMemory<Row extends VendureRow>() {
	const rows = new Map<string, Row>();
	return {
		keep(found: readonly Row[]): void {
			for (const row of found) {
				const key = keyOf(row.record);
				rows.delete(key);
				rows.set(key, row);
			}
			for (const key of rows.keys()) {
				if (rows.size <= rememberedMost) break;
				rows.delete(key);
			}
		},
		of: (key: ExternalKey): Row | undefined => rows.get(keyOf(key))
	};
}

type Listed = { list: string; optionsType: string };

/** Rows of a list, no more than were asked for. */
async function itemsOf(
	api: AdminApi,
	{ list, optionsType }: Listed,
	selection: string,
	options: ListOptions,
	call?: CallOptions
): Promise<readonly unknown[]> {
	const document = `query ChannelMappingList($options: ${optionsType}) {
		found: ${list}(options: $options) { items { ${selection} } }
	}`;
	const data = await api.ask({ document, purpose: 'read' }, { options }, call);
	const { items } = parsed(foundSchema, data, api.from, list).found;
	if (items.length > options.take) throw invalidReply(api.from, list, `it sent more than ${options.take} rows`);
	return items;
}

async function search<Row extends VendureRow>(
	entity: VendureEntity<Row>,
	api: AdminApi,
	exact: readonly Filter[],
	similar: readonly Filter[],
	limit: number,
	options?: CallOptions
): Promise<readonly Row[]> {
	const server = await api.server(options);
	await entity.prepare?.(options);
	const { list, optionsType, only } = entity;
	const selection = entity.selection(server);
	const document = `query ChannelMappingSearch($exact: ${optionsType}, $similar: ${optionsType}) {
		found: ${list}(options: $exact) { items { ${selection} } }
		similar: ${list}(options: $similar) { items { ${selection} } }
	}`;
	const listOf = (filters: readonly Filter[]) => ({
		filter: { _or: filters, ...only },
		sort: { id: 'ASC' },
		take: limit
	});
	const variables = { exact: listOf(exact), similar: listOf(similar) };
	const data = await api.ask({ document, purpose: 'read' }, variables, options);
	const { found, similar: others } = parsed(twoSchema, data, api.from, 'a search');
	const rows = [...found.items, ...others.items].flatMap((raw) => entity.rows(raw, server));
	return [...new Map(rows.map((row) => [keyOf(row.record), row])).values()].slice(0, limit);
}

function keyOf({ id, variantId }: ExternalKey): string {
	return `${id}/${variantId}`;
}
