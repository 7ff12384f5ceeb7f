import { conflictDigest } from '#src/store/conflict-digest.ts';
import { personCase, type VerbCase } from './verb-case.ts';

const channelId = '1';
const entity = 'product';
const secretKey = 'a secret key of 32 characters or so';
const pairOf = (ours: string, theirs: string) => ({ ours, theirs });
const here = { channelId, entity };
const size = { name: 'size', label: 'Size', type: 'text', maxLength: 20, scale: null } as const;
const pair = (internalId: string, externalId: string) => ({ ...here, internalId, externalId, variantId: '' });

/** What people do to links and records. */
const linkCases: readonly VerbCase[] = [
	personCase('acceptSuggestion', 'the better one', { suggestionId: '1' }),
	personCase('acceptSuggestion', 'the other one', { suggestionId: '2' }),
	personCase('rejectSuggestion', 'the better one', { suggestionId: '1', reason: ' no ' }),
	personCase('acceptExact', 'all', { ...here, afterId: '0', uptoId: '99', limit: 10, jobId: null }),
	personCase('acceptExact', 'one', { ...here, afterId: '0', uptoId: '99', limit: 1, jobId: null }),
	personCase('undoJudgement', 'nothing was judged', pair('8', 'E8')),
	personCase('linkRecords', 'two that wait', pair('8', 'E8')),
	personCase('linkRecords', 'a suggested pair', pair('5', 'E12')),
	personCase('linkRecords', 'a pair that was ended', { ...pair('10', 'E10'), override: true }),
	personCase('linkRecords', 'an excluded record', pair('9', 'E12')),
	personCase('linkRecords', 'a second one', { ...pair('1', 'E12'), isPrimary: false }),
	personCase('linkRecords', 'after a create in trouble', pair('7', 'E5')),
	personCase('linkRecords', 'during a create', pair('6', 'E12')),
	personCase('repointLink', 'to a free one', { entity, linkId: '1', externalId: 'E12', variantId: '' }),
	personCase('repointLink', 'to a suggested one', { entity, linkId: '5', externalId: 'E5', variantId: '' }),
	personCase('makePrimary', 'a secondary one', { entity, linkId: '8' }),
	personCase('makePrimary', 'while a person is asked about the primary one', { entity, linkId: '9' }),
	personCase('makePrimary', 'the primary one', { entity, linkId: '1' }),
	personCase('unlinkRecords', 'in sync', { entity, linkId: '1', reason: 'wrong' }),
	personCase('unlinkRecords', 'with open conflicts', { entity, linkId: '2' }),
	personCase('unlinkRecords', 'dirty', { entity, linkId: '5' }),
	personCase('unlinkRecords', 'with a pending write', { entity, linkId: '3' }),
	personCase('unlinkRecords', 'and set aside', { entity, linkId: '1', excludeReason: ' not ours ' }),
	personCase('restoreRecord', 'theirs', { entity, linkId: '10' }),
	personCase('restoreRecord', 'ours', { entity: 'business-partner', linkId: '2' }),
	personCase('restoreRecord', 'nothing is missing', { entity, linkId: '1' }),
	personCase('undoUnlink', 'the ended one', { historyId: '1' }),
	personCase('resolveConflicts', 'one of two', {
		entity,
		linkId: '2',
		choices: { price: 'external' },
		internalRev: '1',
		externalVersion: 'v1'
	}),
	personCase('resolveConflicts', 'both', {
		entity,
		linkId: '2',
		choices: { price: 'internal', name: 'external' },
		internalRev: '1',
		externalVersion: 'v1'
	}),
	personCase('resolveMany', 'one of two', {
		entity,
		rows: [{ conflictId: '1', winner: 'external', seen: conflictDigest('decimal', { internal: '2', external: '7' }) }]
	}),
	personCase('resolveMany', 'one as it was seen, one not, one settled before', {
		entity,
		rows: [
			{ conflictId: '3', winner: 'internal', seen: '' },
			{ conflictId: '2', winner: 'internal', seen: conflictDigest('text', { internal: 'Name of P2', external: 'c' }) },
			{ conflictId: '1', winner: 'internal', seen: conflictDigest('decimal', { internal: '2', external: '8' }) }
		]
	}),
	personCase('takeOtherValue', 'a settled one', { conflictId: '3' }),
	personCase('giveBack', 'what was sent', { decisionId: '1', field: 'price', side: 'external' }),
	personCase('requestSync', 'two', { entity, linkIds: ['1', '5'] }),
	personCase('retryQuarantined', 'one', { entity, linkIds: ['4', '1'] }),
	personCase('retryQuarantined', 'a cause', { entity, channelId, kind: 'rejected' }),
	personCase('excludeRecord', 'one of ours', { ...here, internalId: '8', reason: 'no' }),
	personCase('excludeRecord', 'one of theirs', { ...here, externalId: 'E12', variantId: '', reason: 'no' }),
	personCase('excludeRecord', 'one with a create under way', { ...here, internalId: '6', reason: '' }),
	personCase('excludeRecord', 'again', { ...here, internalId: '9', reason: 'still not' }),
	personCase('endExclusion', 'of a record', { exclusionId: '1' }),
	personCase('endExclusion', 'of a pair', { exclusionId: '2' }),
	personCase('saveRecord', 'a dirty one', { entity, id: '11', rev: '1', fields: { price: '12', name: 'Edited' } }),
	personCase('saveRecord', 'one in conflict', { entity, id: '2', rev: '1', fields: { price: '3' } }),
	personCase('saveRecord', 'a new code', { entity, id: '1', rev: '1', fields: { value: 'P20' } }),
	personCase('saveRecord', 'custom fields', {
		entity,
		id: '11',
		rev: '1',
		fields: { colour: 'red', width: '2.5', finish: 'x' }
	}),
	personCase('saveRecord', 'a custom field that is emptied', { entity, id: '3', rev: '1', fields: { colour: null } }),
	personCase('createRecord', 'a new code', { entity, fields: { value: 'P20', name: 'By hand', is_active: true } }),
	personCase('createRecord', 'with custom fields', {
		entity,
		fields: { value: 'P21', name: 'By hand', is_active: true, colour: 'red', width: '2', finish: 'x' }
	})
];

/** What people do to channels and tokens. */
const channelCases: readonly VerbCase[] = [
	personCase('createChannel', 'a shop', {
		name: 'Shop',
		connector: 'memory',
		settings: {},
		credentials: { key: 'k' },
		entities: [entity],
		secretKey
	}),
	personCase('addChannelEntities', 'one it has and none', { channelId, entities: [entity, 'business-partner'] }),
	personCase('addChannelEntities', 'unknown', { channelId, entities: ['nothing'] }),
	personCase('deleteChannel', 'by its name', { channelId, typedName: ' ERP ' }),
	personCase('deleteChannel', 'by another name', { channelId, typedName: 'Shop' }),
	personCase('recordTest', 'passed', { channelId, passed: true }),
	personCase('recordTest', 'failed', { channelId, passed: false }),
	personCase('endSetUp', 'one', { channelId }),
	personCase('settleFirstContact', 'ours', {
		...here,
		settingsRev: 1,
		choices: { name: 'internal-wins' },
		counts: { name: { internalEmpty: 0, externalEmpty: 0, differing: 1 } }
	}),
	personCase('settleFirstContact', 'other counts', {
		...here,
		settingsRev: 1,
		choices: { name: 'fill-blanks' },
		counts: { name: { internalEmpty: 0, externalEmpty: 1, differing: 0 } }
	}),
	personCase('addCustomField', 'a text', { ...here, ...size }),
	personCase('addCustomField', 'one there is', { ...here, ...size, name: 'colour' }),
	personCase('addCustomField', 'one there was', { ...here, ...size, name: 'finish' }),
	personCase('addCustomField', 'of a label there is', { ...here, ...size, label: 'colour' }),
	personCase('addCustomField', 'of a name that means something', { ...here, ...size, name: 'rev' }),
	personCase('addCustomField', 'of no entity', { ...here, ...size, entity: 'nothing' }),
	personCase('renameCustomField', 'one', { entity, name: 'colour', label: 'Color' }),
	personCase('renameCustomField', 'to the same', { entity, name: 'colour', label: 'Colour' }),
	personCase('renameCustomField', 'a removed one', { entity, name: 'finish', label: 'Surface' }),
	personCase('removeCustomField', 'one', { entity, name: 'colour' }),
	personCase('removeCustomField', 'a removed one', { entity, name: 'finish' }),
	personCase('putBackCustomField', 'a removed one', { entity, name: 'finish' }),
	personCase('putBackCustomField', 'one there is', { entity, name: 'colour' }),
	personCase('createToken', 'one', { name: 'other', role: 'operator', tokenHash: 'another hash' }),
	personCase('revokeToken', 'one', { tokenId: '1' }),
	personCase('decideHold', 'approve updates', { holdId: '1', decision: 'approve' }),
	personCase('decideHold', 'approve creates', { holdId: '2', decision: 'approve' }),
	personCase('decideHold', 'discard updates', { holdId: '1', decision: 'discard' }),
	personCase('decideHold', 'approve absences', { holdId: '3', decision: 'approve' }),
	personCase('decideHold', 'discard absences', { holdId: '3', decision: 'discard' }),
	personCase('goLive', 'partners', { channelId, entity: 'business-partner', direction: 'push' }),
	personCase('goLive', 'again', { ...here, direction: 'push' }),
	personCase('stopLive', 'sending', { ...here, direction: 'push' }),
	personCase('stopLive', 'receiving', { ...here, direction: 'pull' }),
	personCase('pauseChannel', 'one', { channelId }),
	personCase('resumeChannel', 'one', { channelId }),
	personCase('saveChannel', 'a new name', { channelId, name: 'Shop', settings: { b: 2 } }),
	personCase('saveChannel', 'a name', { channelId, name: 'The ERP' }),
	personCase('saveChannelEntity', 'rules', { ...here, settingsRev: 1, policy: { conflict: 'ask' } }),
	personCase('saveChannelEntity', 'directions', {
		...here,
		settingsRev: 1,
		policy: { fields: { price: { direction: 'to-channel' } } }
	}),
	personCase('saveChannelEntity', 'match groups', {
		...here,
		settingsRev: 1,
		policy: { match: [[{ field: 'gtin', how: 'respelled' }]] }
	}),
	personCase('saveChannelEntity', 'a scope that leaves suggestions and creates out', {
		...here,
		settingsRev: 1,
		policy: {
			scope: {
				internal: [{ field: 'price', type: 'decimal', operator: 'less', value: '4.50' }],
				external: [{ field: 'value', type: 'text', operator: 'is-not', value: 'P8' }]
			}
		}
	}),
	personCase('saveChannelEntity', 'a scope that no field can be held against', {
		...here,
		settingsRev: 1,
		policy: { scope: { internal: [{ field: 'price', type: 'decimal', operator: 'contains', value: '4' }] } }
	}),
	personCase('saveChannelEntity', 'creating', {
		...here,
		settingsRev: 1,
		autoCreateInternal: true,
		allowSecondary: false
	}),
	personCase('replaceWebhookSecret', 'another one', { channelId, secret: 'a new secret', secretKey }),
	personCase('replaceWebhookSecret', 'the first one', { channelId: '2', secret: 'a first secret', secretKey }),
	personCase('endWebhook', 'one', { channelId }),
	personCase('endWebhook', 'none', { channelId: '2' }),
	personCase('saveValues', 'the missing one', {
		channelId,
		table: 'money',
		added: [pairOf('USD', 'CUR-7')],
		removed: []
	}),
	personCase('saveValues', 'what is there', {
		channelId,
		table: 'money',
		added: [pairOf('EUR', 'CUR-1')],
		removed: []
	}),
	personCase('saveValues', 'another name', { channelId, table: 'money', added: [pairOf('EUR', 'P1')], removed: ['1'] }),
	personCase('saveValues', 'of no channel', { channelId: '9', table: 'money', added: [], removed: [] }),
	personCase('saveCredentials', 'a key', {
		channelId,
		credentials: { key: 'k2' },
		secretKey
	})
];

export const personCases: readonly VerbCase[] = [...linkCases, ...channelCases];
