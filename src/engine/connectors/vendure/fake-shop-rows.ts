import type { FakeRow } from './fake-list.ts';
import { FakeRefusal } from './fake-refusal.ts';

export type Translation = { languageCode: string; name: string; slug?: string; description?: string };
export type CustomFields = Record<string, unknown>;
export type Product = FakeRow & { enabled: boolean; translations: Translation[]; customFields: CustomFields };
export type Variant = FakeRow & {
	productId: number;
	/** Of the option groups of its product: what tells it from its siblings. */
	options: readonly string[];
	sku: string;
	enabled: boolean;
	translations: Translation[];
	prices: { currencyCode: string; price: number }[];
	/** On hand by location, where it was ever set. */
	stock: Readonly<Record<string, number>>;
	customFields: CustomFields;
};
export type Collection = FakeRow & {
	isPrivate: boolean;
	parentId: number;
	translations: Translation[];
	customFields: CustomFields;
};
export type Location = FakeRow & { name: string; customFields: CustomFields };
export type Customer = FakeRow & {
	firstName: string;
	lastName: string;
	phoneNumber: string | null;
	emailAddress: string;
	customFields: CustomFields;
};
export type Input = Readonly<Record<string, unknown>>;
export type Tables = {
	products: Map<number, Product>;
	variants: Map<number, Variant>;
	customers: Map<number, Customer>;
	collections: Map<number, Collection>;
	locations: Map<number, Location>;
};

/** Custom fields that each of its entities has. */
export const fakeCustomFields = ['channelMappingReference', 'ean', 'customerNumber', 'vatNumber', 'placeNumber'];

/** A copy of the row, in its place. */
export function live<Row extends FakeRow>(table: Map<number, Row>, type: string, id: number): Row {
	const row = table.get(id);
	if (row && row.deletedAt === null) {
		const copy = structuredClone(row);
		table.set(id, copy);
		return copy;
	}
	throw new FakeRefusal('ENTITY_NOT_FOUND', `No ${type} with the id "${id}" could be found`);
}

export function shown<Row extends FakeRow>(row: Row, type: string) {
	const iso = (ms: number) => new Date(Math.floor(ms)).toISOString();
	return { __typename: type, ...row, id: String(row.id), createdAt: iso(row.createdAt), updatedAt: iso(row.updatedAt) };
}

/** A field of any row, in every language. */
export function fieldOf(row: FakeRow & { customFields: CustomFields }, field: string): readonly unknown[] {
	if ((field === 'name' || field === 'slug') && 'translations' in row)
		return (row.translations as Translation[]).map((text) => text[field]);
	if (field in row) return [(row as unknown as Record<string, unknown>)[field]];
	return [row.customFields[field] ?? null];
}

/** Every custom field of the fake is there in a new row. */
export function newCustom(input: Input): CustomFields {
	return { ...Object.fromEntries(fakeCustomFields.map((name) => [name, null])), ...custom(input) };
}

export function custom(input: Input): CustomFields {
	return (input['customFields'] as CustomFields | undefined) ?? {};
}

export function missing(): never {
	throw new FakeRefusal('INTERNAL_SERVER_ERROR', 'Cannot return null for non-nullable field Product.translations.');
}

export function money(value: unknown): number {
	if (typeof value === 'number') return value;
	throw new FakeRefusal('BAD_USER_INPUT', 'Expected non-nullable type "Money!" not to be null.', 400);
}

export function normalEmail(address: string): string {
	return /^\S+@\S+\.\S+$/.test(address.trim()) ? address.trim().toLowerCase() : address.trim();
}
