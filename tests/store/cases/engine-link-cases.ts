import { businessPartner } from '#src/entities/business-partner/index.ts';
import { product } from '#src/entities/product/index.ts';
import type { LinkCommit } from '#src/store/commit-links.ts';
import { engineCase, type VerbCase } from './verb-case.ts';

const channelId = '1';
const stamp = '2026-06-01T11:59:00Z';
/** A link of another record that one waits for. */
const waits = (field: string, refId: string) => ({
	field,
	toEntity: 'product',
	side: 'internal' as const,
	refId,
	problem: { kind: 'awaiting', message: `waits for ${refId}`, hint: 'link it', field }
});

const commit = {
	channelId,
	entity: product,
	runId: '1',
	workerId: 'worker',
	leaseMs: 30_000,
	limits: { creates: 3, deactivations: 1, updates: 4 }
};

/** A link that agrees, untouched but for what `more` says. */
function agreed(id: string, record: string, more: Partial<LinkCommit>): LinkCommit {
	return {
		linkId: id,
		internalId: record,
		externalId: `E${record}`,
		variantId: '',
		stateRev: '1',
		dirtySeq: '1',
		clean: true,
		keepClaim: false,
		status: 'in-sync',
		waiting: null,
		problem: null,
		tries: 0,
		retryDelayMs: 0,
		bases: { internal: { price: '8.000000' }, external: { price: '8' } },
		unconfirmed: [],
		internalVersion: null,
		externalVersion: 'v2',
		externalStamp: stamp,
		stampPassed: false,
		codecFingerprint: 'f1',
		pendingWrite: null,
		pull: null,
		effect: null,
		seen: null,
		asked: [],
		settled: [],
		journal: null,
		item: null,
		outcome: 'in-sync',
		...more
	};
}

const pulled = agreed('5', '11', {
	pull: { id: '11', rev: '1', fields: { price: '8', is_active: false }, changed: { price: stamp } },
	effect: 'deactivations',
	seen: { fields: { price: '8' }, version: 'v2', stamp },
	settled: [
		{ field: 'price', base: '10', internal: '11.000000', external: '8', rule: 'newest-wins', winner: 'external' }
	],
	journal: {
		action: 'pull',
		inputs: { a: 1 },
		changes: [
			{ field: 'price', side: 'internal', before: '11.000000', after: '8', rule: 'newest-wins', lost: '11.000000' }
		]
	},
	item: { action: 'pull', fields: ['price'] },
	outcome: 'pulled'
});
const asked = agreed('2', '2', {
	status: 'conflict',
	asked: [{ field: 'price', base: '5', internal: '2.000000', external: '9', rule: 'ask', winner: null }],
	journal: { action: 'conflict', inputs: {}, changes: [] },
	outcome: 'conflicted'
});
const sending = agreed('1', '1', {
	clean: false,
	keepClaim: true,
	status: 'pending',
	effect: 'updates',
	pendingWrite: { attempts: [{ tag: 't2', external: { price: '8' }, internal: { price: '8.000000' } }] },
	outcome: null
});
const sent = agreed('3', '3', {
	stateRev: '2',
	seen: { fields: { price: '3' }, version: 'v2', stamp },
	item: { action: 'push', fields: ['price'] },
	outcome: 'pushed',
	asked: null
});
const failed = agreed('3', '3', {
	stateRev: '2',
	clean: false,
	status: 'failed',
	problem: { kind: 'rejected', message: 'no', hint: 'yes' },
	tries: 2,
	retryDelayMs: 15_000,
	item: { action: 'push', fields: [] },
	outcome: 'failed'
});

/** Verbs about links and their state. */
export const engineLinkCases: readonly VerbCase[] = [
	engineCase('claimLinks', 'any', {
		channelId,
		entity: product,
		workerId: 'other',
		leaseMs: 30_000,
		limit: 10,
		linkIds: null
	}),
	engineCase('claimLinks', 'some', {
		channelId,
		entity: product,
		workerId: 'other',
		leaseMs: 30_000,
		limit: 10,
		linkIds: ['1', '5']
	}),
	engineCase('commitLinks', 'a pull', { ...commit, rows: [pulled] }),
	engineCase('commitLinks', 'about to send, and asking', {
		...commit,
		rows: [sending, asked, agreed('4', '4', { effect: 'updates', outcome: null })]
	}),
	engineCase('commitLinks', 'a push came through', { ...commit, rows: [sent] }),
	engineCase('commitLinks', 'a push failed', { ...commit, rows: [failed] }),
	engineCase('commitLinks', 'a reference waits, another was linked meanwhile', {
		...commit,
		rows: [
			agreed('5', '1', { status: 'awaiting', awaiting: [waits('name', '5'), waits('price', '1')] }),
			agreed('4', '4', { awaiting: [] })
		]
	}),
	engineCase('drainOutbox', 'products', { entity: product, limit: 10 }),
	engineCase('drainOutbox', 'one', { entity: product, limit: 1 }),
	engineCase('markStaleLinks', 'a page', { channelId, entity: product, afterId: '0', limit: 3, fingerprint: 'f2' }),
	engineCase('markStaleLinks', 'to the end', {
		channelId,
		entity: product,
		afterId: '0',
		limit: 10,
		fingerprint: 'f1'
	}),
	engineCase('readLink', 'one', { entity: product, linkId: '5' }),
	engineCase('readLinks', 'all', { channelId, entity: product, afterId: '0', limit: 10, linkIds: null }),
	engineCase('readLinks', 'partners', { channelId, entity: businessPartner, afterId: '0', limit: 10, linkIds: ['1'] }),
	engineCase('releaseLinks', 'at once', { entity: product, workerId: 'worker', linkIds: ['3', '5'], delayMs: 0 }),
	engineCase('releaseLinks', 'for later', { entity: product, workerId: 'worker', linkIds: ['3'], delayMs: 10_000 })
];
