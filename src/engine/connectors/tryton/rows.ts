import { z } from 'zod';
import type { CallOptions, ExternalKey } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { ChangeEntry } from './change-scan.ts';
import type { TrytonEntity, TrytonRow } from './entity.ts';
import { parsed, type Rpc } from './rpc.ts';
import type { Domain } from './wire.ts';

const rowList = z.array(z.unknown());

/** The rows of one entity, checked at the door. */
export type Rows<Row> = {
	find(domain: Domain, limit?: number, options?: CallOptions): Promise<readonly Row[]>;
	/** The first of a domain, by id. `upTo`: the id up to which was looked; null = there are no more. */
	first(domain: Domain, limit: number, options?: CallOptions): Promise<{ rows: readonly Row[]; upTo: number | null }>;
	/** Those of the domain above `afterId`. */
	entries(domain: Domain, afterId: number, limit: number, options?: CallOptions): Promise<readonly ChangeEntry[]>;
	byKeys(keys: readonly ExternalKey[], options?: CallOptions): Promise<readonly Row[]>;
	taken(code: string, exceptId: number, options?: CallOptions): Promise<boolean>;
};

/** Reads rows of `entity`; throws `invalid-reply` for answers that no search can have. */
export function createRows<Row extends TrytonRow>(entity: TrytonEntity<Row>, rpc: Rpc): Rows<Row> {
	const method = `${entity.model}.search_read`;
	const byId = [['id', 'ASC']];
	const { only, takenBy, isRecord } = entity;
	const within = (domain: Domain): Domain => (only ? [only, domain] : domain);
	/** Rows by id, each once, no more than were asked for. */
	async function searchRead<Found extends { id: number }>(
		domain: Domain,
		limit: number | null,
		columns: readonly string[],
		read: (raw: unknown) => Found,
		options?: CallOptions
	): Promise<readonly Found[]> {
		const reply = await rpc.call(method, [within(domain), 0, limit, byId, columns], options);
		const found = parsed(rowList, reply, rpc.from, method).map(read);
		if (found.length > (limit ?? found.length)) throw broken(rpc, `it sent more than ${limit} rows`);
		const rows = found.sort((left, right) => left.id - right.id);
		if (rows.some((row, at) => row.id === rows[at - 1]?.id)) throw broken(rpc, 'it sent the same row twice');
		return rows;
	}
	const rowsOf = (domain: Domain, limit: number | null, options?: CallOptions) =>
		searchRead(domain, limit, entity.columns, (raw) => entity.row(raw), options);
	const recordsAmong = (found: readonly Row[]) => (isRecord ? found.filter((row) => isRecord(row)) : found);
	const rows: Rows<Row> = {
		find: async (domain, limit, options) => recordsAmong(await rowsOf(domain, limit ?? null, options)),
		async first(domain, limit, options) {
			const found = await rowsOf(domain, limit, options);
			return { rows: recordsAmong(found), upTo: found.length === limit ? (found.at(-1)?.id ?? null) : null };
		},
		async entries(domain, afterId, limit, options) {
			const all = [domain, ['id', '>', afterId]];
			const entries = await searchRead(all, limit, entity.stampColumns, (raw) => entity.entry(raw), options);
			return afterwards(rpc, entries, afterId);
		},
		// A read of ids fails as a whole where one is missing, so they are searched for.
		async byKeys(keys, options) {
			const wanted = new Set(keys.map((key) => `${key.id}/${key.variantId}`));
			const ids = keys.map((key) => entity.rowIdOf(key)).filter((id) => id !== null);
			if (ids.length === 0) return [];
			const found = await rows.find([['id', 'in', ids]], undefined, options);
			return found.filter((row) => wanted.has(`${row.record.id}/${row.record.variantId}`));
		},
		async taken(code, exceptId, options) {
			if (!takenBy) return false;
			const count = await rpc.call(`${entity.model}.search_count`, [takenBy(code, exceptId)], options);
			return parsed(z.number(), count, rpc.from, `${entity.model}.search_count`) > 0;
		}
	};
	return rows;
}

/** Rows that a page brings again would make the listing go on for ever. */
export function afterwards<Found extends { id: number }>(
	rpc: Rpc,
	rows: readonly Found[],
	afterId: number
): readonly Found[] {
	if (rows.every(({ id }) => id > afterId)) return rows;
	throw broken(rpc, 'its listing does not move on');
}

function broken(rpc: Rpc, what: string): ConnectorError {
	const hint = `${rpc.from} cannot be understood: ${what}. Check what lies between it and this product, then try again.`;
	return new ConnectorError('invalid-reply', { hint });
}
