import type { LinkProblem } from '#src/entities/map-table.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { LinkStatus } from '#src/sync/outcome.ts';
import { partners } from './partners.ts';
import { categories, priceLists, warehouses } from './places.ts';
import { pricesStory, stockStory } from './prices-and-stock.ts';
import { catalogue, gtinOf } from './products.ts';
import { seededRandom } from './random.ts';
import { hoursBefore, type StoryRecord } from './record.ts';
import { runHistory, type StoryItem, type StoryRun } from './run-history.ts';
import { deal, partnerCast, productCast, type Cast } from './roles.ts';
import { shopOrdersStory, shopProductsStory, shopStockStory } from './shop.ts';

export type StoryInternal = { fields: StoryRecord; createdAt: string; changed: Readonly<Record<string, string>> };
export type StoryExternal = { id: string; fields: Fields; changedAt: string; deletedAt?: string };
export type StoryLink = {
	/** Search key of our record. */
	value: string;
	externalId: string;
	createdAt: string;
	status: LinkStatus;
	baseInternal: Fields;
	baseExternal: Fields;
	/** The channel's stamp at the last agreement; null = it had none, so that a conflict is asked. */
	externalStamp: string | null;
	problem: LinkProblem | null;
	/** The field on which both sides changed. */
	conflict: string | null;
};
export type StoryExclusion = { value: string; reason: string; createdBy: string; createdAt: string };
export type ChannelStory = {
	channel: 'ERP' | 'Shop';
	entity:
		| 'product'
		| 'business-partner'
		| 'product-category'
		| 'warehouse'
		| 'price-list'
		| 'product-price'
		| 'stock-level'
		| 'sales-order';
	external: StoryExternal[];
	links: StoryLink[];
	excluded: StoryExclusion[];
	/** Records of the channel's are received from this moment on, by the engine itself: it has seen none of them yet. */
	receivesSince?: string;
};
export type Story = {
	products: StoryInternal[];
	partners: StoryInternal[];
	categories: StoryInternal[];
	warehouses: StoryInternal[];
	priceLists: StoryInternal[];
	/** What they point to is named by code. */
	prices: StoryInternal[];
	stock: StoryInternal[];
	channels: ChannelStory[];
	runs: StoryRun[];
};

const longestNameOfErp = 60;
/** The person in the story who did by hand what was done by hand. */
export const storyOperator = 'mette@nordhang.example';

/**
 * Nordhang Outdoor as it stands at `nowMs`: our records, what the demo ERP and Shop hold, and links whose bases make
 * the engine come to exactly the states named here by itself. The same every time, but for the dates.
 */
export function nordhangStory(nowMs: number): Story {
	const products = entityStory('product', productCast, catalogue(), nowMs);
	const people = entityStory('business-partner', partnerCast, partners(), nowMs);
	const groups = quietStory('product-category', categories, nowMs);
	const places = quietStory('warehouse', warehouses, nowMs);
	const lists = quietStory('price-list', priceLists, nowMs);
	const shelf = { products, priceLists: lists, warehouses: places, nowMs };
	const [prices, stock] = [pricesStory(shelf), stockStory(shelf)];
	const shop = shopProductsStory(products.erp.links, nowMs);
	const moving = [products.erp, people.erp, shop];
	const runs = runHistory(moving, nowMs);
	for (const run of runs)
		for (const item of run.items) remember(run, item, run.entity === 'product' ? products.ours : people.ours, moving);
	return {
		products: products.ours,
		partners: people.ours,
		categories: groups.ours,
		warehouses: places.ours,
		priceLists: lists.ours,
		prices: prices.ours,
		stock: stock.ours,
		channels: [
			...[groups.erp, places.erp, lists.erp, ...moving, prices.erp, stock.erp],
			...shopStockStory(shop, places.ours[0], stock.ours, nowMs),
			shopOrdersStory(shop, nowMs)
		],
		runs
	};
}

/** A value that moved left its time on both sides. */
function remember(run: StoryRun, item: StoryItem, ours: StoryInternal[], channels: readonly ChannelStory[]): void {
	const mine = ours.find(({ fields }) => fields.value === item.value);
	const story = channels.find(({ channel, entity }) => channel === run.channel && entity === run.entity);
	const link = story?.links.find(({ value }) => value === item.value);
	const theirs = story?.external.find(({ id }) => id === link?.externalId);
	if (item.outcome === 'failed' || !mine || !link || !theirs) return;
	mine.changed = { ...mine.changed, [item.field]: item.at };
	theirs.changedAt = run.channel === 'Shop' ? item.at.replace(/\.\d+Z$/, '.000000Z') : item.at;
	link.externalStamp = theirs.changedAt;
}

type EntityStory = { ours: StoryInternal[]; erp: ChannelStory };

/** Adds the records, links and exclusions of one entity's story, with plausible ages. */
function narrator(entity: ChannelStory['entity'], nowMs: number) {
	const random = seededRandom(entity === 'product' ? 240 : 56);
	const erp: ChannelStory = { channel: 'ERP', entity, external: [], links: [], excluded: [] };
	const ours: StoryInternal[] = [];
	let nextId = 1001;
	const before = (hours: number) => hoursBefore(nowMs, hours);
	const age = () => 24 * (60 + Math.floor(random() * 500));
	return {
		erp,
		ours,
		random,
		before,
		addOurs: (fields: StoryRecord, changed: Record<string, string> = {}) =>
			ours.push({ fields, createdAt: before(age()), changed }),
		addTheirs(fields: Fields, changedAt: string, deletedAt?: string) {
			const id = String(nextId++);
			erp.external.push({ id, fields, changedAt, ...(deletedAt ? { deletedAt } : {}) });
			return id;
		},
		addLink: (base: StoryRecord, externalId: string, more: Pick<StoryLink, 'status'> & Partial<StoryLink>) =>
			erp.links.push({
				value: base.value,
				externalId,
				createdAt: before(24 * 45),
				baseInternal: base,
				baseExternal: base,
				externalStamp: null,
				problem: null,
				conflict: null,
				...more
			})
	};
}

type Telling = { entity: ChannelStory['entity']; cast: Cast; parts: ReturnType<typeof deal<StoryRecord>> } & ReturnType<
	typeof narrator
>;

function entityStory(
	entity: ChannelStory['entity'],
	cast: Cast,
	records: readonly StoryRecord[],
	nowMs: number
): EntityStory {
	const telling: Telling = { entity, cast, parts: deal(cast, records), ...narrator(entity, nowMs) };
	tellLinked(telling);
	tellUnlinked(telling);
	return { ours: telling.ours, erp: telling.erp };
}

/** Records that are linked and have nothing to tell. */
function quietStory(entity: ChannelStory['entity'], records: readonly StoryRecord[], nowMs: number): EntityStory {
	const { erp, ours, before, addOurs, addTheirs, addLink } = narrator(entity, nowMs);
	for (const fields of records) {
		const changedAt = before(24 * 200);
		addOurs(fields);
		addLink(fields, addTheirs(fields, changedAt), { status: 'in-sync', externalStamp: changedAt });
	}
	return { ours, erp };
}

function tellLinked({ entity, cast, parts, random, before, addOurs, addTheirs, addLink }: Telling): void {
	for (const fields of parts.inSync) {
		const changedAt = before(24 * 31 + Math.floor(random() * 24 * 300));
		addOurs(fields);
		addLink(fields, addTheirs(fields, changedAt), { status: 'in-sync', externalStamp: changedAt });
	}
	parts.conflicts.forEach((fields, index) => {
		const conflict = cast.conflicts[index] ?? 'name';
		const { internal, external } = competing(fields, conflict, index);
		addOurs({ ...fields, [conflict]: internal }, { [conflict]: before(3 + index) });
		addLink(fields, addTheirs({ ...fields, [conflict]: external }, before(2.5 + index)), {
			status: 'conflict',
			conflict
		});
	});
	for (const fields of parts.missing) {
		addOurs(fields);
		const id = addTheirs(fields, before(24 * 90), before(24 * 4));
		addLink(fields, id, {
			status: 'orphan',
			problem: {
				kind: 'missing-external',
				message: 'The record is gone in the ERP.',
				hint: 'Unlink it, or restore the record there.'
			}
		});
	}
	for (const fields of parts.refused) {
		const changedAt = before(24 * 40);
		addOurs({ ...fields, name: tooLong(entity, fields.name) }, { name: before(31) });
		const message = `name: The name must not be longer than ${longestNameOfErp} characters`;
		const problem = { kind: 'rejected', message, hint: 'Shorten the name, then try again.', field: 'name' };
		addLink(fields, addTheirs(fields, changedAt), { status: 'quarantined', externalStamp: changedAt, problem });
	}
}

function tellUnlinked({ cast, parts, erp, before, addOurs, addTheirs }: Telling): void {
	parts.exact.forEach((fields, index) => {
		addOurs(fields);
		addTheirs(index % 4 === 3 ? { ...fields, name: `${fields.name} (new)` } : fields, before(24 * (3 + index)));
	});
	parts.probable.forEach((fields, index) => {
		addOurs(fields);
		addTheirs({ ...fields, value: respelled(fields.value, index) }, before(24 * (5 + index)));
	});
	for (const fields of parts.twoCandidates) {
		addOurs(fields);
		for (const suffix of ['A', 'B'])
			addTheirs({ ...fields, value: `${fields.value.replaceAll('-', '')}${suffix}` }, before(24 * 70));
	}
	for (const fields of parts.onlyOurs) addOurs(fields);
	parts.excluded.forEach((fields, index) => {
		addOurs(fields);
		erp.excluded.push({
			value: fields.value,
			reason: cast.excluded[index] ?? '',
			createdBy: storyOperator,
			createdAt: before(24 * (12 + index))
		});
	});
	for (const fields of parts.onlyTheirs)
		addTheirs({ ...fields, value: `ERP-${fields.value.replace(/^\w+-/, '')}` }, before(24 * 55));
}

/** What each side made of a field, both after the last agreement. */
function competing(fields: StoryRecord, field: string, index: number): { internal: string; external: string } {
	const value = String(fields[field]);
	switch (field) {
		case 'price':
			return { internal: (Number(value) * 1.1).toFixed(2), external: (Number(value) * 0.9).toFixed(2) };
		case 'gtin':
			return { internal: gtinOf(9001 + index), external: gtinOf(9501 + index) };
		case 'description':
			return { internal: `${value} Now with recycled fabric.`, external: `${value} Ships in a plastic-free box.` };
		case 'email':
			return { internal: value.replace(/^\w+/, 'bestellung'), external: value.replace(/^\w+/, 'office') };
		case 'phone':
			return { internal: `${value}0`, external: `${value}9` };
		default:
			return { internal: `${value}, 2nd edition`, external: `${value} Pro` };
	}
}

function tooLong(entity: ChannelStory['entity'], name: string): string {
	return entity === 'product'
		? `${name}, anniversary edition with repair kit and carrying bag for the whole season`
		: `${name}, Zentrallager Schleswig-Holstein und Hamburg, Abteilung Einkauf`;
}

function respelled(value: string, index: number): string {
	const spellings = [value.replaceAll('-', ' '), value.replaceAll('-', ''), value.toLowerCase()];
	return spellings[index % spellings.length] ?? value;
}
