import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { erpProducts, linkedSku } from './fixture.ts';
import type { World } from './world.ts';

/** Who edits: a person in our application, or one in the ERP. */
export type Side = 'internal' | 'external';
export const editedFields = ['name', 'description', 'price'] as const;
export type EditedField = (typeof editedFields)[number];

/** Every so often each side is edited, and a record is made on one of them. */
const editEveryMs = 300;
const createEveryMs = 5000;
const whileDatabaseDownMs = 200;
const hotRecords = 40;
const hotShare = 0.3;
const editOfNewRecordShare = 0.6;
const longestPauseAfterCreateMs = 3000;
/** An edit this old has arrived; a younger one on the other side would make a conflict of the next. */
const settledAfterMs = 60_000;

export type EditLoad = {
	/** One edit with a value that no other edit has; resolves with that value once the side has it. */
	edit(side: Side, sku: string, field: EditedField): Promise<string | null>;
	/** A linked record that nobody edited lately and that the load leaves alone until it is given back. */
	reserve(): { sku: string; giveBack(): void };
	/** SKUs of records that people made, by the side they were made on. */
	created: Readonly<Record<Side, readonly string[]>>;
	counts: { edits: number };
	/** Ends the load; resolves when nothing more happens. */
	stop(): Promise<void>;
};

/**
 * People at work on both sides: edits by SQL here and by the ERP's own API there (never through the proxy), a third of
 * them on few records so that both sides often meet, and new records, many edited again right after. Each value is used
 * once, so that it names its edit. Our edits are logged in the transaction that makes them, the ERP's by the ERP.
 */
export function startEditLoad(world: World, links: number, random: () => number): EditLoad {
	const ending = new AbortController();
	const { signal } = ending;
	const reserved = new Set<string>();
	const editedMs = new Map<string, number>();
	const created: Record<Side, string[]> = { internal: [], external: [] };
	const counts = { edits: 0 };
	const aside: Promise<unknown>[] = [];
	const skuToErpId = erpIds(world, links);
	let number = 0;

	const edit = async (side: Side, sku: string, field: EditedField): Promise<string | null> => {
		const value = tokenOf(side, field, ++number);
		editedMs.set(sku, performance.now());
		const done = side === 'internal' ? await editOurs(world, sku, field, value) : await editTheirs(sku, field, value);
		if (done) counts.edits += 1;
		return done ? value : null;
	};
	const editTheirs = async (sku: string, field: EditedField, value: string): Promise<boolean> => {
		const id = await skuToErpId(sku);
		if (id === undefined) return false;
		await world.erp.change(id, { [field]: value });
		return true;
	};
	const pick = (): string => {
		const everything = links + created.internal.length + created.external.length;
		for (;;) {
			const n = Math.floor(random() * (random() < hotShare ? Math.min(hotRecords, links) : everything));
			const sku = n < links ? linkedSku(n) : [...created.internal, ...created.external][n - links];
			if (sku !== undefined && !reserved.has(sku)) return sku;
		}
	};
	const field = (): EditedField => editedFields[Math.floor(random() * editedFields.length)] ?? 'name';

	const forever = async (everyMs: number, work: () => Promise<unknown>) => {
		while (!signal.aborted) {
			await work();
			await sleep(everyMs * (0.5 + random()), undefined, { signal }).catch(() => undefined);
		}
	};
	const create = async (): Promise<void> => {
		const side: Side = random() < 0.5 ? 'internal' : 'external';
		const sku = `${side === 'internal' ? 'OURS' : 'THEIRS'}-${++number}`;
		if (!(await createRecord(world, side, sku, signal))) return;
		created[side].push(sku);
		if (random() > editOfNewRecordShare) return;
		const later = sleep(random() * longestPauseAfterCreateMs).then(() => edit(side, sku, field()));
		aside.push(later);
	};
	const loops = [
		forever(editEveryMs, () => edit('internal', pick(), field())),
		forever(editEveryMs, () => edit('external', pick(), field())),
		forever(createEveryMs, create)
	];
	return {
		edit,
		reserve() {
			for (;;) {
				const sku = linkedSku(hotRecords + Math.floor(random() * (links - hotRecords)));
				const atMs = editedMs.get(sku) ?? Number.NEGATIVE_INFINITY;
				if (reserved.has(sku) || performance.now() - atMs < settledAfterMs) continue;
				reserved.add(sku);
				return { sku, giveBack: () => void reserved.delete(sku) };
			}
		},
		created,
		counts,
		async stop() {
			ending.abort();
			await Promise.all(loops);
			await Promise.all(aside);
		}
	};
}

function tokenOf(side: Side, field: EditedField, number: number): string {
	if (field === 'price') return `${100_000 + number}.${side === 'internal' ? '25' : '75'}`;
	return `${side === 'internal' ? 'ours' : 'theirs'} ${number}`;
}

/** An edit and its line in the log are one transaction; the log tells whether one with an unknown outcome was made. */
async function editOurs({ db }: World, sku: string, field: EditedField, value: string): Promise<boolean> {
	const column = sql.identifier(field);
	for (;;) {
		try {
			return await db.transaction(async (tx) => {
				const [done] = await tx.execute(sql`select 1 from driver.edit where token = ${value} and field = ${field}`);
				if (done) return true;
				const [seen] = await tx.execute<{ value: string | null }>(
					sql`select ${column}::text as value from m_product where value = ${sku} for update`
				);
				if (!seen) return false;
				await tx.execute(
					sql`update m_product set ${column} = ${value}${field === 'price' ? sql`::text::numeric` : sql``} where value = ${sku}`
				);
				await tx.execute(
					sql`insert into driver.edit (sku, field, token, seen, made) values (${sku}, ${field}, ${value}, ${seen.value}, false)`
				);
				return true;
			});
		} catch {
			await sleep(whileDatabaseDownMs);
		}
	}
}

async function createRecord({ db, erp }: World, side: Side, sku: string, signal: AbortSignal): Promise<boolean> {
	const name = `${sku} is new`;
	if (side === 'external') {
		await erp.create({ sku, name, price: '1.50' });
		return true;
	}
	while (!signal.aborted) {
		try {
			await db.transaction(async (tx) => {
				const [made] = await tx.execute(
					sql`insert into m_product (value, name, price, currency) values (${sku}, ${name}, 1.5, 'EUR') on conflict do nothing returning id`
				);
				if (made)
					await tx.execute(
						sql`insert into driver.edit (sku, field, token, seen, made) values (${sku}, 'name', ${name}, null, true)`
					);
			});
			return true;
		} catch {
			await sleep(whileDatabaseDownMs);
		}
	}
	return false;
}

/** Finds the ERP's id of a SKU, of new records in its own history; undefined while there is none. */
function erpIds({ erp }: World, links: number): (sku: string) => Promise<string | undefined> {
	const found = new Map(erpProducts(links).map(({ sku, id }) => [sku, id]));
	let read = 0;
	return async (sku) => {
		const known = found.get(sku);
		if (known !== undefined) return known;
		for (const { seq, id, before, after } of await erp.history(read)) {
			read = Math.max(read, seq);
			const made = String(after?.['sku']);
			if (before === null && !found.has(made)) found.set(made, id);
		}
		return found.get(sku);
	};
}
