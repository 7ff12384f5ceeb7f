import { expect, it } from 'vitest';
import type { PendingWrite } from '#src/sync/decide.ts';
import { commitOf, type CommitFacts } from './link-commits.ts';
import { planLink, type PlanFacts } from './plan-link.ts';

const nowMs = 1_000_000;
const policy = {
	conflict: 'newest-wins',
	firstContact: 'ask',
	fields: {},
	ceilings: {}
} as unknown as PlanFacts['policy'];
const resource = {
	fields: [{ name: 'is_active', label: 'Active', type: 'boolean', normal: (value: unknown) => value }],
	capabilities: { stampResolutionMs: 1, stampCovers: 'all', overlapMs: 0, precondition: { kind: 'strict' } }
} as unknown as PlanFacts['resource'];
const facts: CommitFacts = { channelName: 'ERP', fingerprint: 'f1', policy, clock: null, stampCovers: 'all', nowMs };

/** A switch that was turned off, with a send whose outcome is not known, and that stands as `ours` and `theirs` now. */
function planned(
	ours: boolean,
	theirs: boolean,
	pendingWrite: PendingWrite | null,
	atMs: number,
	stamps: { base: string | null; now: string | null } = { base: null, now: null }
) {
	const link = {
		id: '1',
		isPrimary: true,
		baseInternal: { is_active: true },
		baseExternal: { is_active: true },
		unconfirmed: [],
		codecFingerprint: null,
		externalStamp: stamps.base,
		pendingWrite,
		status: 'pending'
	} as unknown as Parameters<typeof planLink>[0]['link'];
	const internal = {
		id: '1',
		rev: '2',
		fields: { is_active: ours },
		changed: {},
		createdAt: '2026-01-01T00:00:00.000000Z'
	};
	const external = {
		id: 'E1',
		variantId: '',
		version: 'v1',
		stamp: stamps.now,
		fields: { is_active: theirs },
		reference: null
	};
	return planLink({ link, internal, external } as unknown as Parameters<typeof planLink>[0], {
		resource,
		policy,
		live: { push: true, pull: true },
		clock: null,
		nowMs: atMs
	});
}

const sentOff: PendingWrite = {
	attempts: [{ tag: 't', external: { is_active: false }, internal: { is_active: false } }]
};

it('keeps an unconfirmed write as ours for half a minute once the sides agree without it', () => {
	const agreed = commitOf(planned(true, true, sentOff, nowMs), facts, null).pendingWrite;
	expect(agreed?.attempts).toMatchObject([{ external: { is_active: false }, untilMs: nowMs + 30_000 }]);
	if (!agreed) throw new Error('no write is kept');

	// It lands late: no edit of theirs, so what a person turned on again here goes there.
	expect(planned(true, false, agreed, nowMs + 9_000).wanted).toMatchObject({ kind: 'push', push: { is_active: true } });
	// Much later the same difference is theirs.
	expect(planned(true, false, agreed, nowMs + 31_000).wanted).toMatchObject({
		kind: 'pull',
		pull: { is_active: false }
	});
});

it('keeps the newest stamp beside a commit that came late, so that a backup of just before is told by it', () => {
	const at = (second: string) => `2026-01-01T10:00:${second}Z`;
	const [newest, late, longAgo] = [at('01.000900'), at('01.000100'), at('00.000000')] as const;
	const stampAfter = (theirs: boolean, now: string) =>
		commitOf(planned(true, theirs, null, nowMs, { base: newest, now }), facts, null).externalStamp;
	expect(stampAfter(false, late)).toBe(newest);
	expect(stampAfter(true, late)).toBe(newest);
	// Where the sides agree, a clock that was wrong may be right again.
	expect(stampAfter(true, longAgo)).toBe(longAgo);
});
