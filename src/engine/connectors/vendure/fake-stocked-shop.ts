import { listed } from './fake-list.ts';
import { FakeRefusal } from './fake-refusal.ts';
import { FakeShop } from './fake-shop.ts';
import { type Collection, fieldOf, type Input, live, type Location, newCustom, shown } from './fake-shop-rows.ts';

const rootSlug = '__root_collection__';

/** A fake shop with collections, stock locations, and what lies in them. */
export class FakeStockedShop extends FakeShop {
	private rootId: number;

	constructor(clock: number) {
		super(clock);
		const root = { languageCode: 'en', name: rootSlug, slug: rootSlug, description: '' };
		const row = {
			...this.newRow('collections'),
			isPrivate: false,
			parentId: 0,
			translations: [root],
			customFields: newCustom({})
		};
		this.rootId = row.id;
		this.tables.collections.set(row.id, row);
		this.createLocation({ name: 'Default Stock Location' });
	}

	collections(options: Input) {
		const rows = [...this.tables.collections.values()].filter(({ id }) => id !== this.rootId);
		return this.page(listed(rows, options, fieldOf), (row) => this.collection(row.id));
	}

	locations(options: Input) {
		return this.page(listed(this.tables.locations.values(), options, fieldOf), (row) => this.location(row.id));
	}

	collection(id: number): Record<string, unknown> | null {
		const row = this.tables.collections.get(id);
		if (!row || row.deletedAt !== null) return null;
		const above = () => this.collection(row.parentId);
		return {
			...shown(row, 'Collection'),
			slug: row.translations[0]?.slug,
			parentId: String(row.parentId),
			parent: above,
			breadcrumbs: () => [{ __typename: 'CollectionBreadcrumb', id: String(this.rootId) }]
		};
	}

	location(id: number) {
		const row = this.tables.locations.get(id);
		return row ? shown(row, 'StockLocation') : null;
	}

	createCollection(input: Input): number {
		const row: Collection = {
			...this.newRow('collections'),
			isPrivate: input['isPrivate'] === true,
			parentId: Number(input['parentId'] ?? this.rootId),
			translations: (input['translations'] as Collection['translations']).map((each) => ({ ...each })),
			customFields: newCustom(input)
		};
		this.tables.collections.set(row.id, row);
		this.renameTakenSlugs(row);
		return row.id;
	}

	updateCollection(input: Input): void {
		const row = live(this.tables.collections, 'Collection', Number(input['id']));
		if (typeof input['isPrivate'] === 'boolean') row.isPrivate = input['isPrivate'];
		this.patch(row, input);
		this.renameTakenSlugs(row);
	}

	moveCollection({ collectionId, parentId }: Input): void {
		const row = live(this.tables.collections, 'Collection', Number(collectionId));
		if (Number(parentId) === row.id) throw new FakeRefusal('ILLEGAL_OPERATION', 'Cannot move a Collection into itself');
		row.parentId = Number(parentId);
		row.updatedAt = this.stamp();
	}

	createLocation(input: Input): number {
		const row: Location = {
			...this.newRow('locations'),
			name: input['name'] as string,
			customFields: newCustom(input)
		};
		this.tables.locations.set(row.id, row);
		return row.id;
	}

	updateLocation(input: Input): void {
		const row = live(this.tables.locations, 'StockLocation', Number(input['id']));
		if ('name' in input) row.name = input['name'] as string;
		Object.assign(row.customFields, input['customFields'] ?? {});
		row.updatedAt = this.stamp();
	}

	/** A slug that is taken is changed without a word. */
	private renameTakenSlugs(row: Collection): void {
		for (const text of row.translations) {
			const others = [...this.tables.collections.values()].filter(
				({ id, deletedAt }) => id !== row.id && deletedAt === null
			);
			const taken = others.some(({ translations }) => translations.some(({ slug }) => slug === text.slug));
			text.slug = normalSlug(taken ? `${text.slug}-2` : (text.slug ?? ''));
		}
	}
}

function normalSlug(slug: string): string {
	return slug
		.normalize('NFD')
		.replace(/\u0308/g, 'e')
		.replace(/[\u0300-\u036f]/g, '')
		.toLowerCase()
		.replace(/\s+/g, '-')
		.replace(/-{2,}/g, '-');
}
