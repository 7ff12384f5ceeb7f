import type { z } from 'zod';
import type { Fields, FieldType, Value } from '#src/sync/fields.ts';
import { ConnectorError } from './error.ts';
import type { Transport } from './transport.ts';
import type { TrustSheet } from './trust-sheet.ts';
import type { WebhookScheme } from './webhook.ts';

/** One record as the channel holds it now. */
export type ExternalRecord = {
	/** The channel's id, opaque text. */
	id: string;
	/** '' where the entity has no variants at this channel. */
	variantId: string;
	/** Opaque tag for the precondition of a write; null where the channel has none. */
	version: string | null;
	/** When the record last changed by the channel's clock: ISO 8601 UTC, up to microseconds ("2026-11-28T15:00:00.123456Z"). */
	stamp: string | null;
	/** Only fields of the resource. A field that the channel did not send is absent, never null. */
	fields: Fields;
	/** The reference we stored with a create, null where there is none. */
	reference: string | null;
	/** Fields whose value exists but cannot be held by us (half a character, 400 digits), with the reason. Absent in `fields`. */
	unreadable?: Readonly<Record<string, string>>;
	/**
	 * Fields that it shows and does not carry: another record does, as a parent the name of its variants. With their values records
	 * are matched and made here; they are neither compared nor written. May differ from record to record, and from read to read.
	 */
	shownOnly?: readonly string[];
	/** Page of the record in the channel's own user interface. */
	url?: string;
};

/** A slice of a listing. `next` is opaque; null = this was the last page. */
export type Page = { records: readonly ExternalRecord[]; next: string | null };

/** What a write answered. Fields or version the channel did not report are null. */
export type WriteReply = {
	version: string | null;
	stamp: string | null;
	fields: Fields | null;
};

/** How one field looks at this channel. */
export type FieldCodec = {
	name: string;
	type: FieldType;
	/** The channel's own name of the field, for screens. */
	label: string;
	/**
	 * What the channel would hold after we wrote `value`: rounding, length, case. Pure and idempotent.
	 * Two values agree when their normal forms are equal.
	 */
	normal: (value: Value) => Value;
	/** Present and true where the channel's value cannot be written. */
	readOnly?: boolean;
	/** Of a field that is `readOnly`: a new record can be given it, where it points to a record that is linked. */
	atCreate?: true;
	/**
	 * Stands for what the channel has no place for, such as a code: taken over into a record of ours that is made from it,
	 * looked at by matching, and neither compared nor sent. Such a field is `readOnly` too.
	 */
	once?: true;
	/** The value table of the channel that says what each value is called on the other side: `tax-class`. */
	table?: string;
	/** A quantity that may be below 0 there: a shop that takes orders for what is still to come. */
	negative?: true;
	/** Set by the engine, from what it knows of the entity: part of what tells records apart. */
	key?: true;
	/** Set by the engine: sent as it is now, whatever is there. */
	latest?: true;
	/** Set by the engine: what the channel changes waits until a person confirms it. */
	confirm?: true;
};

/** The record that a create made; `readBack` where the create's own answer did not show it: others may have been there since. */
export type CreateReply = ExternalRecord & { readBack?: boolean };

/**
 * How a channel guards a write against a change in between.
 * strict: true compare-and-set (class A). coarse: the tag has a coarse clock; `settleMs` must pass first (class A1), counted
 * from the record's stamp: every record has one, a new one that of its creation.
 * none: the last write wins (class B).
 */
export type Precondition = { kind: 'strict' } | { kind: 'coarse'; settleMs: number } | { kind: 'none' };

/** What a channel can do for one entity, as facts the engine decides with. */
export type Capabilities = {
	precondition: Precondition;
	/** Absent = the channel has no searchable reference, so nothing is ever created there by itself. */
	reference?: { searchLagMs: number };
	/** Smallest step of `stamp`. */
	stampResolutionMs: number;
	/** Fields whose change moves `stamp`. */
	stampCovers: 'all' | readonly string[];
	/** Longest transaction of the channel: how far back a change scan must overlap. */
	overlapMs: number;
	/** Most records of one `list` or `changes` page, and most ids of one `read`. */
	pageSize: number;
};

/** Every call carries the moment after which it must not reach the socket any more. */
export type CallOptions = { signal?: AbortSignal; sendBy?: SendBy };

/** Monotonic milliseconds of the engine's clock. A request not yet on the socket then fails with `expired`. */
export type SendBy = number;

/**
 * One entity as seen through one connector. Optional methods are absent where the channel cannot do it.
 * Errors are ConnectorError only.
 */
export type Resource = {
	fields: readonly FieldCodec[];
	/** May be known exactly only after the session's first call; until then a precondition is told as weaker, never as stronger. */
	readonly capabilities: Capabilities;
	/** Identifies the field table and codecs; another fingerprint sends the affected fields back to first contact. */
	fingerprint: string;
	/** Everything the channel has, archived records too, ordered by a key that never changes. `cursor` null = from the start. */
	list(cursor: string | null, options?: CallOptions): Promise<Page>;
	/**
	 * Records that changed at or after `since` (ISO UTC, inclusive), oldest first, ordered by (stamp, id).
	 * Deleted records do not show up; one may show up twice, at the edge of a page. `cursor` continues a scan, null starts it.
	 */
	changes?(since: string, cursor: string | null, options?: CallOptions): Promise<Page>;
	/** The records of these external ids ("id" or "id/variantId"), in any order. An id that does not exist is left out. */
	read(ids: readonly ExternalKey[], options?: CallOptions): Promise<readonly ExternalRecord[]>;
	/** Records that a person may mean by `text` (id, code, name), best first, at most 20. */
	search(text: string, options?: CallOptions): Promise<readonly ExternalRecord[]>;
	/** All records that carry one of these references. */
	findByReference?(references: readonly string[], options?: CallOptions): Promise<readonly ExternalRecord[]>;
	/**
	 * Creates one record that carries `reference`. Never retried inside.
	 * Errors: `duplicate` when a unique key is taken, `rejected` when values are refused; `unreachable` = outcome unknown.
	 */
	create?(input: { reference: string; fields: Fields }, options?: CallOptions): Promise<CreateReply>;
	/**
	 * Writes exactly these fields, under the precondition `version` where the channel has one. Never retried inside.
	 * Errors: `conflict` when the version moved, `missing`, `rejected`; `unreachable` = outcome unknown.
	 */
	update?(input: UpdateInput, options?: CallOptions): Promise<WriteReply>;
	/** Absent = each record takes a call of its own. Where the precondition is `none`, it is used for `latest` fields alone. */
	updateTogether?: JointUpdate;
};

export type UpdateInput = ExternalKey & { version: string | null; fields: Fields };

/** The update of several records in one call. */
export type JointUpdate = {
	/** Most records of one call. */
	most: number;
	/** Whether a write of these fields may be among others. */
	takes(fields: Fields): boolean;
	/**
	 * As `update`, with an outcome for each record in their order: what was written, or why it was not. Where the channel takes all or
	 * none, it throws: after `conflict`, `missing`, `rejected` and `duplicate` nothing is written, and some of the records are the
	 * reason; after `unreachable` the outcome of each is unknown.
	 */
	send(inputs: readonly UpdateInput[], options?: CallOptions): Promise<readonly (WriteReply | ConnectorError)[]>;
};

export type ExternalKey = { id: string; variantId: string };

/** A channel with its credentials, ready to be called. Lives as long as one run or one request. */
export type Session = {
	/** Absent = this connector does not know the entity. */
	resource(entity: string): Resource | undefined;
	/** Cheapest authenticated call; throws what a real call would throw. */
	probe(options?: CallOptions): Promise<void>;
	/** The channel's clock, ms since 1970, where the connector knows it without an HTTP reply. */
	nowMs?(): number;
	/** Ends server-side sessions. Never throws. */
	close(): Promise<void>;
};

export type OpenInput = {
	/** Settings of the channel, as stored; parsed inside with the connector's schema. */
	settings: unknown;
	/** Decrypted credentials by name. Never logged. */
	credentials: Readonly<Record<string, string>>;
	transport: Transport;
	/** Our clock, for requests that are signed with the time. Without it, such a request is `misconfigured`. */
	nowMs?: () => number;
	/** Lives on from session to session of this channel, as long as its settings and credentials are the same. */
	kept?: Map<string, unknown>;
};

/** One field of the credentials form. */
export type CredentialField = { name: string; label: string; hint?: string };

/** One field of the form in which an administrator sets a channel up. */
export type SettingField = {
	name: string;
	label: string;
	/** One plain sentence for the person who fills it in. */
	hint: string;
	/** `json`: a text of many lines that holds a JSON object. */
	kind: 'text' | 'url' | 'number' | 'choice' | 'json';
	choices?: readonly { value: string; label: string }[];
	optional?: true;
	/** What the form of a new channel starts with. */
	initial?: string;
};

/** Settings of a known system that a channel may start from. */
export type SettingsPreset = {
	name: string;
	label: string;
	/** Where it comes from and what to know before it is used. */
	about: string;
	settings: Readonly<Record<string, unknown>>;
};

/** The settings as a form: texts by the name of the field. */
export type SettingsForm = {
	/** What it is good for, in a sentence. */
	about: string;
	fields: readonly SettingField[];
	presets?: readonly SettingsPreset[];
	/** The settings that were entered, unchecked. A text that is no JSON where it must be is a problem of its field. */
	read(entered: Readonly<Record<string, string>>): { settings: Record<string, unknown>; problems: SettingProblem[] };
	/** The other way round. */
	write(settings: Readonly<Record<string, unknown>>): Record<string, string>;
	/** The field that a path of `check` is about. */
	fieldAt(path: string): string;
	/** The line of a many-line field that a path of `check` is about, counted from 1, or null. */
	lineAt?(entered: Readonly<Record<string, string>>, path: string): number | null;
};

/** What is wrong with one field of a settings form. */
export type SettingProblem = { field: string; message: string };

/** Code that speaks to one kind of system. One folder, one line in registry.ts. */
export type Connector = {
	name: string;
	label: string;
	credentials: readonly CredentialField[];
	/** Absent = a channel of this kind is not set up on the screen. */
	form?: SettingsForm;
	/** Checks settings and says what is wrong with them, or nothing. */
	check(settings: unknown): readonly { path: string; message: string }[];
	/** Throws ConnectorError `misconfigured` for settings that do not parse. Makes no call. */
	open(input: OpenInput): Session;
	/** How such a channel signs its webhooks. Absent or null: in the form of Standard Webhooks. */
	webhook?(settings: unknown): WebhookScheme | null;
	/** What a check of the real service found; null = none was made. Absent where the kind of system is known by itself. */
	trustSheet?(settings: unknown): TrustSheet | null;
	/** What the server can do is known after the first call to it. */
	asksServer?: true;
};

/** Keeps the settings type inside, so that the registry is a plain list. */
export function defineConnector<Schema extends z.ZodType>(definition: {
	name: string;
	label: string;
	credentials: readonly CredentialField[];
	form?: SettingsForm;
	settings: Schema;
	open(input: Omit<OpenInput, 'settings'> & { settings: z.output<Schema> }): Session;
	webhook?(settings: z.output<Schema>): WebhookScheme | null;
	trustSheet?(settings: z.output<Schema>): TrustSheet | null;
	asksServer?: true;
}): Connector {
	const { name, label, credentials, form, settings: schema, trustSheet: sheetOf, asksServer } = definition;
	return {
		name,
		label,
		credentials,
		...(form ? { form } : {}),
		check(settings) {
			const parsed = schema.safeParse(settings);
			if (parsed.success) return [];
			return parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
		},
		open(input) {
			const parsed = schema.safeParse(input.settings);
			if (!parsed.success) throw misconfigured(label, parsed.error.issues);
			return definition.open({ ...input, settings: parsed.data });
		},
		webhook(settings) {
			const parsed = schema.safeParse(settings);
			return parsed.success ? (definition.webhook?.(parsed.data) ?? null) : null;
		},
		...(sheetOf && {
			trustSheet(settings: unknown) {
				const parsed = schema.safeParse(settings);
				return parsed.success ? sheetOf(parsed.data) : null;
			}
		}),
		...(asksServer && { asksServer })
	};
}

function misconfigured(label: string, issues: readonly z.core.$ZodIssue[]): ConnectorError {
	const first = issues[0];
	const where = first ? `${first.path.join('.')}: ${first.message}` : 'unknown setting';
	return new ConnectorError('misconfigured', { hint: `Correct the ${label} settings of this channel (${where}).` });
}
