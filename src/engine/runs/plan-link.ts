import type { InternalRecord } from '#src/entities/entity.ts';
import type { LinkState } from '#src/store/link-state.ts';
import type { Fields } from '#src/sync/fields.ts';
import {
	decide,
	type Action,
	type Base,
	type DecideInput,
	type PendingWrite,
	type StampFacts
} from '#src/sync/decide.ts';
import { directionOf, policyOfLink, type ChannelEntityPolicy, type FieldPolicy } from '#src/sync/policy.ts';
import { sidesAgree, wasRelinked, type ReferenceLinks } from '#src/sync/reference.ts';
import { restrict } from '#src/sync/restrict.ts';
import type { ExternalRecord, Resource } from '../connectors/connector.ts';
import { carriedFields, shownReasons } from './carried-fields.ts';

/** One link with both sides as they are now, and what should happen to it. */
export type PlannedLink = {
	link: LinkState;
	internal: InternalRecord | null;
	external: ExternalRecord | null;
	/** The channel's time, at the earliest, when its side was asked for; null where it was not. */
	readAtMs: number | null;
	/** All that it was decided from, and the directions that may be used now. */
	input: DecideInput;
	live: { push: boolean; pull: boolean };
	/** What the sides and the policy ask for. */
	wanted: Action;
	/** The part of it that may be done now. */
	action: Action;
	/** Part of it waits for a direction to go live or for a person's approval. */
	waiting: boolean;
};

export type PlanFacts = {
	resource: Resource;
	policy: ChannelEntityPolicy;
	live: { push: boolean; pull: boolean };
	clock: StampFacts['clock'];
	/** Links of the records that references point to, by field; absent = the channel carries none. */
	references?: Readonly<Record<string, ReferenceLinks>> | undefined;
	/** Wall clock, to leave out writes that can no longer land. */
	nowMs: number;
};

/** Decides one link from values alone. Used by runs, previews and "why?" alike. */
export function planLink(
	gathered: {
		link: LinkState;
		internal: InternalRecord | null;
		external: ExternalRecord | null;
		readAtMs?: number | null;
	},
	facts: PlanFacts
): PlannedLink {
	const { link, internal, external } = gathered;
	const { resource } = facts;
	const policy = policyOfLink(facts.policy, link.id, resource.fingerprint);
	const input: DecideInput = {
		fields: resource.fields,
		base: baseOf(link, facts),
		internal: internal && { fields: internal.fields, changed: changedOf(internal, resource) },
		external: external && { fields: carriedFields(external), stamp: external.stamp },
		pendingWrite: livePending(link.pendingWrite, facts.nowMs),
		stamps: {
			resolutionMs: resource.capabilities.stampResolutionMs,
			longestTransactionMs: resource.capabilities.overlapMs,
			covers: resource.capabilities.stampCovers,
			clock: facts.clock
		},
		asked: link.asked,
		...(facts.references && { references: facts.references }),
		policy: link.isPrimary ? policy : pushOnly(policy, resource)
	};
	const decided = decide(input);
	const shown = internal && external ? shownReasons(resource.fields, internal.fields, external, facts.references) : [];
	const wanted = shown.length === 0 ? decided : { ...decided, reasons: [...decided.reasons, ...shown] };
	const { readAtMs = null } = gathered;
	return { link, internal, external, readAtMs, input, live: facts.live, wanted, ...restrict(wanted, facts.live) };
}

/**
 * The bases, without fields whose pair no longer agrees since the codec changed, or since one of two records that references
 * point to was linked to another: these are back at first contact.
 */
function baseOf(link: LinkState, { resource, references }: PlanFacts): Base | null {
	if (!link.baseInternal || !link.baseExternal) return null;
	const [ours, theirs] = [link.baseInternal, link.baseExternal];
	let internal = ours;
	if (link.codecFingerprint !== null && link.codecFingerprint !== resource.fingerprint) {
		const kept = resource.fields.filter((rule) =>
			sidesAgree(rule, references, ours[rule.name] ?? null, theirs[rule.name] ?? null)
		);
		internal = Object.fromEntries(
			kept.flatMap(({ name }) => (name in internal ? [[name, internal[name] ?? null]] : []))
		);
	}
	if (references) {
		const relinked = resource.fields.filter((rule) =>
			wasRelinked(rule, references, ours[rule.name], theirs[rule.name])
		);
		if (relinked.length > 0) {
			const gone = new Set(relinked.map(({ name }) => name));
			internal = Object.fromEntries(Object.entries(internal).filter(([name]) => !gone.has(name)));
		}
	}
	const { baseExternal, unconfirmed, externalStamp, stampPassed } = link;
	return { internal, external: baseExternal, unconfirmed, externalStamp, stampPassed };
}

/** A field that never changed since the record came to be carries the time of that. */
function changedOf(internal: InternalRecord, resource: Resource): Record<string, string> {
	return Object.fromEntries(resource.fields.map(({ name }) => [name, internal.changed[name] ?? internal.createdAt]));
}

/** Attempts that may still land or have landed. */
export function livePending(pending: PendingWrite | null, nowMs: number): PendingWrite | null {
	const attempts = pending?.attempts.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs) ?? [];
	return attempts.length === 0 ? null : { attempts };
}

/** A secondary link only ever sends. */
function pushOnly(policy: ChannelEntityPolicy, resource: Resource): ChannelEntityPolicy {
	const fields: Record<string, FieldPolicy> = {};
	for (const { name } of resource.fields) {
		fields[name] = { ...policy.fields[name], direction: directionOf(policy, name) === 'off' ? 'off' : 'to-channel' };
	}
	return { ...policy, fields };
}

/** Just these fields of a record. */
export function pick(fields: Fields, names: Iterable<string>): Fields {
	const picked: Record<string, Fields[string]> = {};
	for (const name of names) if (fields[name] !== undefined) picked[name] = fields[name];
	return picked;
}
