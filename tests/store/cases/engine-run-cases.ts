import { businessPartner } from '#src/entities/business-partner/index.ts';
import { product } from '#src/entities/product/index.ts';
import { engineCase, type VerbCase } from './verb-case.ts';

const channelId = '1';
const hands = { runId: '1', attempt: 0 };
const lost = { runId: '1', attempt: 7 };
const problem = { kind: 'unreachable', message: 'no answer', hint: 'look at the network' };

const named = (entity: string, externalId: string, variantId = '') => ({ entity, externalId, variantId });

/** Verbs about runs, schedules and channels. */
export const engineRunCases: readonly VerbCase[] = [
	engineCase('acceptWebhook', 'records of two entities and of none', {
		channelId,
		hookId: 'hook-2',
		named: [named('product', 'E1'), named('product', 'E7'), named('business-partner', 'X2'), named('nothing', '1')],
		unnamed: []
	}),
	engineCase('acceptWebhook', 'nothing named', { channelId, hookId: null, named: [], unnamed: ['product'] }),
	engineCase('acceptWebhook', 'the same again', { channelId, hookId: 'hook-1', named: [], unnamed: ['product'] }),
	engineCase('acceptWebhook', 'an old one again', {
		channelId,
		hookId: 'hook-0',
		named: [named('product', 'E1', 'V1')],
		unnamed: []
	}),
	engineCase('acceptWebhook', 'no webhooks', { channelId: '2', hookId: 'hook-2', named: [], unnamed: ['product'] }),
	engineCase('addItems', 'a preview', {
		runId: '1',
		phase: 'preview',
		items: [
			{
				linkId: '1',
				internalId: '1',
				externalId: 'E1',
				variantId: '',
				action: 'push',
				outcome: 'skipped',
				fields: ['price'],
				problem: null,
				plan: {
					changes: [{ field: 'price', side: 'external', before: '1', after: '2' }],
					internalRev: '1',
					externalVersion: 'v1'
				}
			},
			{
				linkId: null,
				internalId: null,
				externalId: 'E12',
				variantId: '',
				action: 'create-internal',
				outcome: 'failed',
				fields: [],
				problem
			}
		],
		counts: { skipped: 1, failed: 1 }
	}),
	engineCase('beginRun', 'another one is running', { runId: '2' }),
	engineCase('beginRun', 'the running one is silent for long', { runId: '5' }),
	engineCase('beginRun', 'none is running', { runId: '6' }),
	engineCase('beginRun', 'none is running, another one waits', { runId: '7' }),
	engineCase('beginRun', 'a silent one is taken over', { runId: '4' }),
	engineCase('compactLinkCounts', 'all', {}),
	engineCase('endSweep', 'products', {
		channelId,
		entity: 'product',
		startedAt: '2026-06-01T12:00:00.000001Z',
		fingerprint: 'f2'
	}),
	engineCase('finishRun', 'it succeeded', { ...hands, state: 'succeeded', problem: null, channelProblem: null }),
	engineCase('finishRun', 'another one has it', { ...lost, state: 'failed', problem, channelProblem: null }),
	engineCase('finishRun', 'the channel cannot be reached', {
		...hands,
		state: 'failed',
		problem,
		channelProblem: problem
	}),
	engineCase('forgetOldRuns', 'all', {}),
	engineCase('heartbeatRun', 'alive', { ...hands, phase: 'create' }),
	engineCase('heartbeatRun', 'another one has it', { ...lost, phase: 'create' }),
	engineCase('holdAbsences', 'too many', { channelId, entity: 'product', runId: '1', missing: 9, limit: 2 }),
	engineCase('holdAbsences', 'not too many', { channelId, entity: 'product', runId: '1', missing: 2, limit: 2 }),
	engineCase('loadChannel', 'products', { channelId, entity: 'product' }),
	engineCase('loadChannelAccess', 'one', { channelId }),
	engineCase('databaseNow', 'now', undefined),
	engineCase('queueRun', 'none waits', {
		channelId,
		entity: 'product',
		mode: 'incremental',
		startedBy: 'schedule',
		linkIds: null
	}),
	engineCase('queueRun', 'one waits', {
		channelId,
		entity: 'product',
		mode: 'full',
		startedBy: 'schedule',
		linkIds: null
	}),
	engineCase('queueRun', 'records', {
		channelId,
		entity: 'product',
		mode: 'records',
		startedBy: 'ann@example.org',
		linkIds: ['1']
	}),
	engineCase('queueRun', 'a plan', {
		channelId,
		entity: 'product',
		mode: 'apply',
		startedBy: 'ann@example.org',
		linkIds: null,
		planId: '3'
	}),
	engineCase('queueRun', 'a plan that was carried out', {
		channelId,
		entity: 'product',
		mode: 'apply',
		startedBy: 'ann@example.org',
		linkIds: null,
		planId: '9'
	}),
	engineCase('takePlan', 'all', { planId: '9', entity: product, afterId: '0', limit: 10 }),
	engineCase('takePlan', 'one', { planId: '9', entity: product, afterId: '0', limit: 1 }),
	engineCase('recentWrites', 'of two records', { entity: product, internalIds: ['1', '2', '11'] }),
	engineCase('requestCancel', 'queued', { runId: '2' }),
	engineCase('requestCancel', 'running', { runId: '1' }),
	engineCase('requeueRun', 'running', hands),
	engineCase('requeueRun', 'another one has it', lost),
	engineCase('takeHints', 'some', { channelId, entity: product, limit: 2 }),
	engineCase('takeHints', 'all', { channelId, entity: product, limit: 100 }),
	engineCase('takeHints', 'partners', { channelId, entity: businessPartner, limit: 100 }),
	engineCase('suspectMissing', 'products', {
		channelId,
		entity: product,
		startedAt: '2026-06-01T11:30:00Z',
		limit: 20
	}),
	engineCase('suspectMissing', 'partners', {
		channelId,
		entity: businessPartner,
		startedAt: '2026-06-01T12:30:00Z',
		limit: 1
	})
];
