import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { CallOptions, ExternalKey, ExternalRecord, FieldCodec } from '../connector.ts';
import type { ConnectorError } from '../error.ts';
import { isIdentifier } from '../plain-text.ts';
import type { AdminApi } from './admin-api.ts';
import type { PlannedWrite } from './planned-write.ts';
import { referenceField, type VendureServer } from './server.ts';

/** The values of one record as Vendure holds them, by its own names: what our plugin compares before it writes. */
export type VendureState = Readonly<Record<string, unknown>>;

/** A record with the state that it was read from. */
export type VendureRow = { record: ExternalRecord; state: VendureState };

/** Part of the filter of a list, in Vendure's own form. */
export type Filter = Readonly<Record<string, unknown>>;

/** Rows of another list whose change changes records of this one. */
export type ParentList = {
	list: string;
	optionsType: string;
	selection(server: VendureServer): string;
	/** Its own stamp and the rows that it belongs to. Throws `invalid-reply`. */
	rows(raw: unknown, server: VendureServer): { stamp: string; rows: readonly VendureRow[] };
};

export type WriteInput<Row> = {
	row: Row;
	fields: Readonly<Record<string, Value>>;
	server: VendureServer;
	/** Whether the write is to be refused where the record is not as in `row` any more. */
	guarded: boolean;
};

/** What differs between the entities; resource.ts does the rest. */
export type VendureEntity<Row extends VendureRow = VendureRow> = {
	/** Vendure's own name, as in its configuration of custom fields. */
	type: string;
	fields: readonly FieldCodec[];
	stampCovers: readonly string[];
	fingerprint: string;
	/** Field of Query that lists the records, and the type of its argument. */
	list: string;
	optionsType: string;
	/** What all records meet. Absent = the whole list. */
	only?: Filter;
	selection(server: VendureServer): string;
	/** The records that an item read with `selection` holds, most often one. Throws `invalid-reply`. */
	rows(raw: unknown, server: VendureServer): readonly Row[];
	/** Most records that an item holds. Absent = one. */
	perItem?(server: VendureServer): number;
	/** Asks once a session for what `rows` needs besides. */
	prepare?(options?: CallOptions): Promise<void>;
	/** Whether our plugin there guards a write by the state that was read. */
	isGuarded(server: VendureServer): boolean;
	/** Id in the list that a key means, or null where it cannot be one. */
	listedId(key: ExternalKey): string | null;
	/** Records that have exactly this code, and those with the text somewhere. */
	withCode(text: string): readonly Filter[];
	matching(pattern: string): readonly Filter[];
	parents?: ParentList;
	/** Absent = none are made there, as all there can be are there already, or cannot be told from a second one. */
	creating?: {
		/** Whether new records can be made there without risking a second one. */
		isPossible(server: VendureServer): boolean;
		create(
			input: { reference: string; fields: Fields; server: VendureServer },
			api: AdminApi,
			options?: CallOptions
		): Promise<Row>;
	};
	/** Whether a write of these fields may be among others. Absent = any. */
	joins?(fields: Fields): boolean;
	/** The write of each, in their order; the reason instead where one cannot be. May ask for what it must know. */
	planUpdates(
		inputs: readonly WriteInput<Row>[],
		api: AdminApi,
		options?: CallOptions
	): Promise<readonly (PlannedWrite | ConnectorError)[]>;
};

/** Tag of a state for the precondition: equal states have equal tags. */
export function versionOf(state: VendureState): string {
	return createHash('sha256')
		.update(JSON.stringify(inOrder(state)))
		.digest('base64url')
		.slice(0, 27);
}

function inOrder(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
	return entries.map(([name, inner]) => [name, inOrder(inner)]);
}

/** When something last changed, as the Admin API shows it: to the millisecond, though a new row has microseconds. */
export const stampSchema = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'is no time');

/** The later one of two stamps: of equal width, so text order is time order. */
export function laterOf(left: string, right: string): string {
	return left > right ? left : right;
}

/** A custom field as text; null where it is empty, or not there. */
export function customFieldOf(
	customFields: Readonly<Record<string, unknown>> | null | undefined,
	name: string | undefined
): string | null {
	const value = name === undefined ? null : (customFields?.[name] ?? null);
	return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

const longestId = 200;
const longestReference = 500;

/** An id as Vendure shows it. One that cannot be stored cannot be asked for either. */
export const idText = z.string().refine((id) => isIdentifier(id, longestId), 'is no id');

/** The reference that a record carries; null where it carries none, or what cannot be one. */
export function referenceOf(customFields: Readonly<Record<string, unknown>> | null | undefined): string | null {
	const reference = customFieldOf(customFields, referenceField) ?? '';
	return isIdentifier(reference, longestReference) ? reference : null;
}

const largestNumber = 2_147_483_647;

/** Whether a text can be an id: Vendure's database refuses a question for any other. */
export function isListedId(text: string): boolean {
	return /^\d{1,10}$/.test(text)
		? Number(text) <= largestNumber
		: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
}
