import type { MatchGroup } from './match-groups.ts';
import type { Rewriting } from './rewriting.ts';
import type { SideScopes } from './scope.ts';

/** How a conflict on one field is settled. */
export type ConflictRule = 'newest-wins' | 'internal-wins' | 'external-wins' | 'ask';

/** What happens to differing fields when two records meet for the first time. */
export type FirstContactRule = 'ask' | 'internal-wins' | 'external-wins' | 'fill-blanks';

/** Where a field may flow. `off` = neither compared nor written. */
export type Direction = 'both' | 'to-channel' | 'from-channel' | 'off';

export type FieldPolicy = {
	direction?: Direction;
	conflict?: ConflictRule;
	/** For one link: what a person settled for the set that it belongs to. */
	firstContact?: FirstContactRule;
	/** The channel stores values so: what differs by no more than that is equal. Null or absent = compared as they are. */
	rewriting?: Rewriting | null | undefined;
};

/**
 * First contact of one field, settled by a person for a whole set: the links up to this id, under the field table that
 * was compared then. Links made later, and fields whose codec changed, ask again.
 */
export type FirstContactChoice = { rule: FirstContactRule; upToLinkId: string; fingerprint: string | null };

/** Limits of automatic effects within 24 hours; the larger of count and share of links applies. */
export type Ceiling = { count: number; share: number };

export type ChannelEntityPolicy = {
	conflict: ConflictRule;
	firstContact: FirstContactRule;
	fields: Readonly<Record<string, FieldPolicy>>;
	/** By field. */
	settled?: Readonly<Record<string, FirstContactChoice>>;
	ceilings: { creates: Ceiling; deactivations: Ceiling; updates: Ceiling };
	/** What makes a suggestion, what counts most first; the entity's default where absent. */
	match?: readonly MatchGroup[] | undefined;
	/** Which records take part; all where absent. */
	scope?: SideScopes | undefined;
};

/** Every N seconds (5 or more), or a cron expression in a time zone. */
export type Schedule = { everySeconds: number } | { cron: string; zone: string };

export const defaultPolicy: ChannelEntityPolicy = {
	conflict: 'newest-wins',
	firstContact: 'ask',
	fields: {},
	ceilings: {
		creates: { count: 50, share: 0.05 },
		deactivations: { count: 10, share: 0.01 },
		updates: { count: 200, share: 0.3 }
	}
};

export const defaultSchedule: Schedule = { everySeconds: 5 };

export const conflictRules: readonly ConflictRule[] = ['newest-wins', 'internal-wins', 'external-wins', 'ask'];
export const firstContactRules: readonly FirstContactRule[] = ['ask', 'internal-wins', 'external-wins', 'fill-blanks'];
export const directions: readonly Direction[] = ['both', 'to-channel', 'from-channel', 'off'];

export function conflictRuleOf(policy: ChannelEntityPolicy, field: string): ConflictRule {
	return policy.fields[field]?.conflict ?? policy.conflict;
}

/** What happens to a field that differs when two records meet for the first time. */
export function firstContactOf(policy: ChannelEntityPolicy, field: string): FirstContactRule {
	return policy.fields[field]?.firstContact ?? policy.firstContact;
}

/** The policy as it holds for one link: with what was settled for the set that it belongs to. */
export function policyOfLink(policy: ChannelEntityPolicy, linkId: string, fingerprint: string): ChannelEntityPolicy {
	const choices = Object.entries(policy.settled ?? {}).filter(
		([, choice]) =>
			BigInt(linkId) <= BigInt(choice.upToLinkId) && (choice.fingerprint === null || choice.fingerprint === fingerprint)
	);
	if (choices.length === 0) return policy;
	const fields: Record<string, FieldPolicy> = { ...policy.fields };
	for (const [field, { rule }] of choices) fields[field] = { ...fields[field], firstContact: rule };
	return { ...policy, fields };
}

export function directionOf(policy: Pick<ChannelEntityPolicy, 'fields'>, field: string): Direction {
	return policy.fields[field]?.direction ?? 'both';
}
