import { product } from '#src/entities/product/index.ts';
import type { ImportRecordInput } from '#src/store/import-record.ts';
import type { SeenRecord } from '#src/store/record-page.ts';
import { engineCase, type VerbCase } from './verb-case.ts';

const channelId = '1';
/** The run that goes on, and whose it is. */
const run = { runId: '1', attempt: 0 };
const here = { channelId, entity: product };
const problem = { kind: 'rejected', message: 'no such unit', hint: 'change the unit' };

const seen = (externalId: string, code: string, price: string, more: Partial<SeenRecord> = {}): SeenRecord => ({
	externalId,
	variantId: '',
	fields: { value: code, name: `Name of ${code}`, price },
	version: 'v2',
	stamp: '2026-06-01T11:59:00Z',
	reference: null,
	url: null,
	matchKeys: [`value=${code.toLowerCase()}`],
	...more
});

const imported = (externalId: string): ImportRecordInput => ({
	...here,
	runId: '1',
	limit: 3,
	externalId,
	variantId: '',
	externalFields: { value: 'P20', name: 'New', price: '1' },
	externalVersion: 'v1',
	externalStamp: null,
	fields: { value: 'P20', name: 'New', price: '1' },
	changed: { price: '2026-06-01T11:59:00.000000Z' },
	codecFingerprint: 'f1'
});

const waits = (
	owner: 'internal' | 'external',
	ownerId: string,
	to: { side: 'internal' | 'external'; refId: string }
) => ({ owner, ownerId, variantId: '', field: 'name', toEntity: 'product', ...to, problem });

const bound = (internalId: string, externalId: string) => ({
	runId: '1',
	link: {
		...here,
		internalId,
		externalId,
		variantId: '',
		baseInternal: { price: '6.000000' },
		baseExternal: { price: '6' },
		unconfirmed: ['price'],
		internalVersion: '1',
		externalVersion: 'v1',
		externalStamp: null,
		codecFingerprint: 'f1'
	},
	seen: { version: 'v1', stamp: null, reference: `cm-simkey-product-${internalId}`, url: null, matchKeys: [] }
});

/** Verbs about scans, matching and creating. */
export const engineMatchCases: readonly VerbCase[] = [
	engineCase('bindIntent', 'a new record', { intentId: '1', action: 'create-external', ...bound('6', 'E6') }),
	engineCase('bindIntent', 'a known record', { intentId: '1', action: 'adopt', ...bound('6', 'E12') }),
	engineCase('bindIntent', 'never sent', { intentId: '3', action: 'adopt', ...bound('12', 'E12') }),
	engineCase('claimIntents', 'due ones', { ...here, workerId: 'other', leaseMs: 30_000, settleMs: 1000, limit: 10 }),
	engineCase('confirmMissing', 'linked and suggested ones', {
		...here,
		gone: [
			{ id: 'E1', variantId: '' },
			{ id: 'E5', variantId: '' }
		],
		present: [{ id: 'E3', variantId: '' }]
	}),
	engineCase('confirmMissing', 'free ones', {
		...here,
		gone: [
			{ id: 'E12', variantId: '' },
			{ id: 'E8', variantId: '' }
		],
		present: []
	}),
	engineCase('failIntent', 'another try', {
		intentId: '1',
		workerId: 'worker',
		runId: '1',
		state: 'open',
		notSent: true,
		retryDelayMs: 5000,
		problem
	}),
	engineCase('failIntent', 'a problem', {
		intentId: '1',
		workerId: 'worker',
		runId: '1',
		state: 'problem',
		notSent: false,
		retryDelayMs: 5000,
		problem
	}),
	engineCase('failIntent', 'given up', {
		intentId: '1',
		workerId: 'worker',
		runId: '1',
		state: 'dropped',
		notSent: true,
		retryDelayMs: 0,
		problem
	}),
	engineCase('failIntent', 'taken over by another', {
		intentId: '1',
		workerId: 'other',
		runId: '1',
		state: 'open',
		notSent: true,
		retryDelayMs: 0,
		problem
	}),
	engineCase('findReferences', 'linked ones and others', {
		channelId,
		wanted: [
			{ to: 'product', internal: ['1', '5', '99'], external: ['E2', 'E12', 'E99'] },
			{ to: 'business-partner', internal: ['1'], external: ['X2'] }
		]
	}),
	engineCase('importRecord', 'a free one', imported('E12')),
	engineCase('importRecord', 'another with the same code', imported('E8')),
	engineCase('markIntentSent', 'claimed', { intentId: '1', workerId: 'worker', leaseMs: 30_000 }),
	engineCase('openIntents', 'two', {
		...here,
		runId: '1',
		limit: 3,
		records: ['8', '5'].map((id) => ({
			internalId: id,
			rev: '1',
			fields: { value: `P${id}` },
			reference: `cm-simkey-product-${id}`
		}))
	}),
	engineCase('openIntents', 'one that was a problem', {
		...here,
		runId: '1',
		limit: 9,
		records: [{ internalId: '7', rev: '1', fields: {}, reference: 'cm-simkey-product-7' }]
	}),
	engineCase('readCandidates', 'all', { ...here, limit: 10 }),
	engineCase('readToMatch', 'all', { ...here, after: null, limit: 10 }),
	engineCase('readToMatch', 'behind the first', {
		...here,
		after: { side: 'external', recordId: 'E12', variantId: '' },
		limit: 1
	}),
	engineCase('recordPage', 'of a full scan', {
		...here,
		records: [
			seen('E1', 'P1', '9'),
			seen('E2', 'P2', '2', { version: 'v1', stamp: '2026-06-01T11:00:00Z' }),
			seen('E12', 'P12', '5'),
			seen('E20', 'P20', '1'),
			seen('E13', 'P13', '13')
		],
		complete: true,
		cursor: '2026-06-01T12:00:00Z',
		run
	}),
	engineCase('recordPage', 'of an incremental scan', {
		...here,
		records: [seen('E11', 'P11', '3'), seen('E5', 'P5', '6'), seen('E1', 'P1', '1')],
		complete: false,
		cursor: '2026-06-01T11:59:59Z',
		run
	}),
	engineCase('recordPage', 'of a run that another one has', {
		...here,
		records: [seen('E11', 'P11', '4')],
		complete: false,
		cursor: '2026-06-01T11:59:58Z',
		run: { runId: '1', attempt: 7 }
	}),
	engineCase('recordPage', 'of a search', {
		...here,
		records: [seen('E20', 'P20', '2')],
		complete: false,
		cursor: null,
		run: null
	}),
	engineCase('saveMatches', 'one suggestion more, one less', {
		...here,
		run,
		settingsRev: 1,
		internalIds: ['8', '5'],
		externalKeys: [{ id: 'E8', variant: '' }],
		suggestions: [
			{ internalId: '8', externalId: 'E8', variantId: '', score: 100, evidence: [], ambiguous: false, best: true },
			{ internalId: '5', externalId: 'E5', variantId: '', score: 90, evidence: [], ambiguous: true, best: false }
		],
		consumed: [
			{ side: 'internal', recordId: '8', variantId: '' },
			{ side: 'external', recordId: 'E8', variantId: '' }
		]
	}),
	engineCase('saveMatches', 'considered under settings of before', {
		...here,
		run,
		settingsRev: 7,
		internalIds: ['5'],
		externalKeys: [],
		suggestions: [],
		consumed: [{ side: 'internal', recordId: '8', variantId: '' }]
	}),
	engineCase('saveMatches', 'of a run that another one has', {
		...here,
		run: { ...run, attempt: 7 },
		settingsRev: 1,
		internalIds: ['5'],
		externalKeys: [],
		suggestions: [],
		consumed: [{ side: 'internal', recordId: '8', variantId: '' }]
	}),
	engineCase('saveMatches', 'records that wait, one of them for a link that was made meanwhile', {
		...here,
		run,
		settingsRev: 1,
		internalIds: ['8'],
		externalKeys: [{ id: 'E12', variant: '' }],
		suggestions: [],
		consumed: [
			{ side: 'internal', recordId: '8', variantId: '' },
			{ side: 'external', recordId: 'E12', variantId: '' }
		],
		awaiting: [
			waits('internal', '8', { side: 'internal', refId: '5' }),
			waits('external', 'E12', { side: 'external', refId: 'E2' })
		]
	})
];
