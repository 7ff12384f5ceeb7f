import { databaseRefusal, FakeRefusal } from './fake-refusal.ts';
import { type FakeRow, listed } from './fake-list.ts';
import {
	type Collection,
	custom,
	type CustomFields,
	fieldOf,
	type Input,
	live,
	missing,
	money,
	newCustom,
	normalEmail,
	shown,
	type Tables,
	type Customer,
	type Product,
	type Translation,
	type Variant
} from './fake-shop-rows.ts';

const currency = 'EUR';
/** Products, variants and customers of a fake Vendure, with as much of its rules as the connector can run into. */
export class FakeShop {
	protected tables: Tables = {
		products: new Map(),
		variants: new Map(),
		customers: new Map(),
		collections: new Map(),
		locations: new Map()
	};
	/** By table: each counts its own, as in a database. */
	private readonly lastIds: Record<string, number> = {};
	private clock: number;

	constructor(clock: number) {
		this.clock = clock;
	}

	/** Lets time go on. */
	pass(ms: number): void {
		this.clock += ms;
	}

	/** Runs one mutation: nothing of it stays when it throws. */
	transaction<Result>(work: () => Result): Result {
		// Rows are replaced, never changed, hence their tables are all there is to keep.
		const backup = { ...this.tables };
		this.tables = {
			products: new Map(this.tables.products),
			variants: new Map(this.tables.variants),
			customers: new Map(this.tables.customers),
			collections: new Map(this.tables.collections),
			locations: new Map(this.tables.locations)
		};
		this.clock += 1;
		try {
			const result = work();
			this.checkUnique();
			return result;
		} catch (error) {
			this.tables = backup;
			throw error;
		}
	}

	/** What puts everything back as it is now. */
	keep(): () => void {
		const { tables } = this;
		return () => {
			this.tables = tables;
		};
	}

	products(options: Input) {
		return this.page(listed(this.tables.products.values(), options, fieldOf), (row) => this.product(row.id));
	}

	variants(options: Input) {
		return this.page(listed(this.tables.variants.values(), options, fieldOf), (row) => this.variant(row.id));
	}

	customers(options: Input) {
		return this.page(listed(this.tables.customers.values(), options, fieldOf), (row) => this.customer(row.id));
	}

	protected page<Row, Shown>({ items, totalItems }: { items: Row[]; totalItems: number }, show: (row: Row) => Shown) {
		return { __typename: 'List', items: items.map(show), totalItems };
	}

	product(id: number) {
		const row = this.tables.products.get(id);
		if (!row || row.deletedAt !== null) return null;
		const own = () =>
			[...this.tables.variants.values()].filter((each) => each.productId === id && each.deletedAt === null);
		return {
			...shown(row, 'Product'),
			// The product of a variant of a product is not whole.
			variants: () =>
				own().map((each) => ({ ...this.variant(each.id), product: () => ({ id: String(id), translations: missing }) })),
			variantList: () => this.page({ items: own(), totalItems: own().length }, (each) => this.variant(each.id))
		};
	}

	variant(id: number) {
		const row = this.tables.variants.get(id);
		if (!row) return null;
		const stockLevels = Object.entries(row.stock).map(([stockLocationId, stockOnHand]) => ({
			stockLocationId,
			stockOnHand
		}));
		return { ...shown(row, 'ProductVariant'), stockLevels, product: () => this.product(row.productId) };
	}

	customer(id: number) {
		const row = this.tables.customers.get(id);
		return row ? shown(row, 'Customer') : null;
	}

	createProduct(input: Input): number {
		const translations = input['translations'] as Translation[];
		const row = {
			...this.newRow('products'),
			enabled: input['enabled'] !== false,
			translations,
			customFields: newCustom(input)
		};
		this.tables.products.set(row.id, row);
		return row.id;
	}

	/** A group of options, such as sizes; which product it is for is not kept. */
	createOptionGroup(input: Input) {
		const options = (input['options'] as Input[]).map(() => ({ id: String(this.nextId('options')) }));
		return { __typename: 'ProductOptionGroup', id: String(this.nextId('optionGroups')), options };
	}

	/** Without a price a variant costs nothing, and a code that is taken is taken twice. */
	createVariant(input: Input): number {
		const productId = Number(input['productId']);
		live(this.tables.products, 'Product', productId);
		const options = ((input['optionIds'] as string[] | undefined) ?? []).toSorted();
		const siblings = [...this.tables.variants.values()].filter((each) => each.productId === productId);
		if (siblings.some((each) => each.deletedAt === null && each.options.join() === options.join()))
			throw new FakeRefusal('USER_INPUT_ERROR', 'A ProductVariant with the selected options already exists');
		const row: Variant = {
			...this.newRow('variants'),
			productId,
			options,
			sku: input['sku'] as string,
			enabled: input['enabled'] !== false,
			translations: input['translations'] as Translation[],
			prices: [{ currencyCode: currency, price: money(input['price'] ?? 0) }],
			stock: stockOf(input),
			customFields: newCustom(input)
		};
		this.tables.variants.set(row.id, row);
		return row.id;
	}

	/** Moves the stamp whatever it changes, and no other. */
	updateProduct(input: Input): void {
		const row = live(this.tables.products, 'Product', Number(input['id']));
		if (typeof input['enabled'] === 'boolean') row.enabled = input['enabled'];
		this.patch(row, input);
	}

	updateVariant(input: Input): void {
		const row = live(this.tables.variants, 'ProductVariant', Number(input['id']));
		if ('sku' in input) row.sku = input['sku'] as string;
		if (typeof input['enabled'] === 'boolean') row.enabled = input['enabled'];
		row.stock = { ...row.stock, ...stockOf(input) };
		for (const id of Object.keys(row.stock)) live(this.tables.locations, 'StockLocation', Number(id));
		const prices = (input['prices'] as { currencyCode: string; price: number }[] | undefined) ?? [];
		for (const { currencyCode, price } of prices) {
			row.prices = [
				...row.prices.filter((each) => each.currencyCode !== currencyCode),
				{ currencyCode, price: money(price) }
			];
		}
		this.patch(row, input);
	}

	protected patch(row: Product | Variant | Collection, input: Input): void {
		for (const texts of (input['translations'] as Translation[] | undefined) ?? []) {
			const old = row.translations.find(({ languageCode }) => languageCode === texts.languageCode);
			if (old) Object.assign(old, texts);
			else row.translations.push(texts);
		}
		Object.assign(row.customFields, custom(input));
		row.updatedAt = this.stamp();
	}

	createCustomer(input: Input): number | null {
		const row = {
			...this.newRow('customers'),
			phoneNumber: null,
			...input,
			customFields: newCustom(input)
		} as unknown as Customer;
		row.emailAddress = normalEmail(row.emailAddress);
		if (this.emailTaken(row)) return null;
		this.tables.customers.set(row.id, row);
		return row.id;
	}

	/** Whether it was written: not where another one has the address. */
	updateCustomer(input: Input): boolean {
		const row = live(this.tables.customers, 'Customer', Number(input['id']));
		const { id: _id, customFields: _custom, ...values } = input;
		Object.assign(row, values, { emailAddress: normalEmail(String(values['emailAddress'] ?? row.emailAddress)) });
		Object.assign(row.customFields, custom(input));
		row.updatedAt = Math.floor(this.clock);
		return !this.emailTaken(row);
	}

	/** Deleted rows stay, and are shown no more; the variants of a product go with it. */
	remove(table: keyof Tables, id: number): void {
		const rows: Map<number, FakeRow> = this.tables[table];
		live(rows, 'Row', id).deletedAt = this.clock;
		if (table !== 'products') return;
		for (const { id: variantId, productId, deletedAt } of this.tables.variants.values()) {
			if (productId === id && deletedAt === null) this.remove('variants', variantId);
		}
	}

	isThere(table: keyof Tables, id: number): boolean {
		return this.tables[table].get(id)?.deletedAt === null;
	}

	private emailTaken({ id, emailAddress }: Customer): boolean {
		const others = [...this.tables.customers.values()].filter((each) => each.id !== id && each.deletedAt === null);
		return others.some((each) => each.emailAddress === emailAddress);
	}

	private checkUnique(): void {
		for (const table of Object.values(this.tables) as Map<number, FakeRow & { customFields: CustomFields }>[]) {
			const references = [...table.values()].flatMap(
				({ customFields }) => customFields['channelMappingReference'] ?? []
			);
			if (new Set(references).size < references.length)
				throw databaseRefusal('duplicate key value violates unique constraint "UQ_1"');
		}
		const { products, variants, collections, locations } = this.tables;
		const rows = [...products.values(), ...variants.values(), ...collections.values()];
		if (
			rows.some(({ translations }) => translations.some(({ name }) => name === null)) ||
			[...locations.values()].some(({ name }) => name === null)
		)
			throw databaseRefusal('null value in column "name" of relation "translation" violates not-null constraint');
	}

	protected stamp(): number {
		return Math.floor(this.clock);
	}

	protected newRow(table: string): FakeRow {
		const stamp = this.clock + 0.219;
		return { id: this.nextId(table), createdAt: stamp, updatedAt: stamp, deletedAt: null };
	}

	private nextId(table: string): number {
		const id = (this.lastIds[table] ?? 0) + 1;
		this.lastIds[table] = id;
		return id;
	}
}

/** What is on hand by location. */
function stockOf(input: Input): Readonly<Record<string, number>> {
	const levels = (input['stockLevels'] as { stockLocationId: string; stockOnHand: number }[] | undefined) ?? [];
	return Object.fromEntries(levels.map(({ stockLocationId, stockOnHand }) => [stockLocationId, stockOnHand]));
}
