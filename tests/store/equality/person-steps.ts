import { conflictDigest } from '#src/store/conflict-digest.ts';
import type { Value } from '#src/sync/fields.ts';
import type { Maker } from './run-steps.ts';
import type { Step } from './step.ts';
import { scopes } from './scopes.ts';
import type { View } from './view.ts';

export const person = (verb: Extract<Step, { port: 'people' }>['verb'], input: Record<string, unknown>): Step => ({
	port: 'people',
	verb,
	input
});
export const here = ({ channelId, entity }: View) => ({ channelId, entity });
const secretKey = 'a secret key for tests, 32 characters and more';

export function settingsRev(view: View): number {
	const row = view.rows('c_channel_entity', view.here)[0];
	return view.random.chance(0.9) ? Number(row?.['settings_rev'] ?? 1) : 77;
}

function givenBack(view: View) {
	const written = view.oneOf(
		'sync_decision',
		({ link_id, changes }) => view.random.chance(0.1) || (link_id !== null && (changes as unknown[]).length > 0)
	);
	const changes = (written?.['changes'] ?? []) as { field: string; side: string }[];
	const { field, side } = view.random.pick([...changes, { field: 'name', side: 'internal' }]);
	return { decisionId: view.idOf(written), field, side };
}

/** Choices for open conflicts and a few others, most of them as a person would have seen them. */
function choices(view: View) {
	const { mapNames, recordTable, fields } = view.definition;
	const rows = view.rows(
		'sync_conflict',
		({ state, entity }) => entity === view.entity && (state === 'open' || view.random.chance(0.2))
	);
	return rows.slice(0, 5).map((conflict) => {
		const link = view.rows(mapNames.table, ({ id }) => String(id) === String(conflict['link_id']))[0];
		const internalId = String(link?.[mapNames.internalColumn]);
		const record = view.rows(recordTable, ({ id }) => String(id) === internalId)[0];
		const field = fields.find(({ name }) => name === conflict['field']);
		const sides = {
			internal: (record?.[String(conflict['field'])] ?? null) as Value,
			external: (conflict['external'] ?? null) as Value
		};
		return {
			conflictId: view.idOf(conflict),
			winner: view.random.pick(['internal', 'external'] as const),
			seen: view.random.chance(0.8) ? conflictDigest(field?.type ?? 'text', sides) : 'another one'
		};
	});
}

function resolution(view: View) {
	const asked = view.oneOf(
		'sync_conflict',
		(conflict) => conflict['state'] === 'open' && conflict['entity'] === view.entity
	);
	const linkId = asked ? String(asked['link_id']) : view.link().linkId;
	const row = view.rows(view.definition.mapNames.table, ({ id }) => String(id) === linkId)[0];
	const internalId = row?.[view.definition.mapNames.internalColumn];
	const record = view.rows(view.definition.recordTable, ({ id }) => String(id) === String(internalId))[0];
	const open = view.rows(
		'sync_conflict',
		(conflict) =>
			conflict['state'] === 'open' && String(conflict['link_id']) === linkId && conflict['entity'] === view.entity
	);
	const fields = open.map((conflict) => String(conflict['field']));
	const chosen = view.random.some(view.random.chance(0.1) ? [...fields, 'name'] : fields, 3);
	return {
		entity: view.entity,
		linkId,
		choices: Object.fromEntries(chosen.map((field) => [field, view.random.pick(['internal', 'external'])])),
		internalRev: view.random.chance(0.9) ? String(record?.['rev'] ?? '1') : '99',
		externalVersion: view.random.chance(0.9) ? String(row?.['external_version'] ?? '') : 'other'
	};
}

function settlement(view: View) {
	const asked = view.rows(
		'sync_conflict',
		(row) => view.here(row) && row['state'] === 'open' && row['rule'] === 'first-contact: ask'
	);
	const none = (value: unknown) => value === null || value === '';
	const fields = [...new Set(asked.map(({ field }) => String(field)))];
	const choices: Record<string, string> = {};
	const counts: Record<string, { internalEmpty: number; externalEmpty: number; differing: number }> = {};
	for (const field of view.random.some([...fields, 'price'], 2)) {
		const rows = asked.filter((row) => row['field'] === field);
		const internalEmpty = rows.filter(({ internal }) => none(internal)).length;
		const externalEmpty = rows.filter(({ internal, external }) => !none(internal) && none(external)).length;
		choices[field] = view.random.pick(['internal-wins', 'external-wins', 'fill-blanks', 'ask']);
		const differing = rows.length - internalEmpty - externalEmpty + (view.random.chance(0.9) ? 0 : 1);
		counts[field] = { internalEmpty, externalEmpty, differing };
	}
	return { ...here(view), settingsRev: settingsRev(view), choices, counts };
}

/** Calls of a person's verbs about links and records. */
export const personSteps: Readonly<Record<string, Maker>> = {
	acceptSuggestion: (view) =>
		person('acceptSuggestion', { suggestionId: view.idOf(view.oneOf('c_channel_suggestion')) }),
	rejectSuggestion: (view) =>
		person('rejectSuggestion', {
			suggestionId: view.idOf(view.oneOf('c_channel_suggestion')),
			...(view.random.chance(0.5) ? { reason: ' why ' } : {})
		}),
	acceptExact: (view) =>
		person('acceptExact', {
			...here(view),
			afterId: '0',
			uptoId: view.random.pick(['3', '1000000']),
			limit: view.random.pick([1, 5]),
			jobId: view.random.chance(0.6) ? null : view.idOf(view.oneOf('sync_bulk_job'))
		}),
	undoJudgement: (view) => {
		const judged = view
			.rows(
				'sync_decision',
				({ action, inputs }) => action === 'link' || (inputs as Record<string, unknown>)['suggestion'] !== undefined
			)
			.slice(-3);
		const row = judged.length > 0 ? view.random.pick(judged) : undefined;
		return person('undoJudgement', {
			channelId: String(row?.['c_channel_id'] ?? view.channelId),
			entity: String(row?.['entity'] ?? view.entity),
			internalId: String(row?.['internal_id'] ?? '1'),
			externalId: String(row?.['external_id'] ?? 'E1'),
			variantId: String(row?.['external_variant_id'] ?? '')
		});
	},
	linkRecords: (view) =>
		person('linkRecords', {
			...here(view),
			internalId: view.internalId(),
			...view.external(),
			...(view.random.chance(0.2) ? { isPrimary: false } : {}),
			...(view.random.chance(0.4) ? { override: true } : {})
		}),
	repointLink: (view) =>
		person('repointLink', {
			entity: view.entity,
			linkId: view.link().linkId,
			...view.external(),
			...(view.random.chance(0.4) ? { override: true } : {})
		}),
	unlinkRecords: (view) =>
		person('unlinkRecords', {
			entity: view.entity,
			linkId: view.link().linkId,
			...(view.random.chance(0.5) ? { reason: 'wrong ' } : {}),
			...(view.random.chance(0.2) ? { excludeReason: ' not ours' } : {})
		}),
	undoUnlink: (view) =>
		person('undoUnlink', {
			historyId: view.idOf(view.oneOf('link_history', (row) => view.random.chance(0.2) || row['undone_at'] === null))
		}),
	resolveConflicts: (view) => person('resolveConflicts', resolution(view)),
	resolveMany: (view) => person('resolveMany', { entity: view.entity, rows: choices(view) }),
	takeOtherValue: (view) =>
		person('takeOtherValue', {
			conflictId: view.idOf(view.oneOf('sync_conflict', (row) => view.random.chance(0.2) || row['state'] === 'settled'))
		}),
	giveBack: (view) => person('giveBack', givenBack(view)),
	requestSync: (view) => person('requestSync', { entity: view.entity, linkIds: view.linkIds(3) }),
	retryQuarantined: (view) =>
		person(
			'retryQuarantined',
			view.random.chance(0.6) ? { entity: view.entity, linkIds: view.linkIds(5) } : { ...here(view), kind: 'rejected' }
		),
	excludeRecord: (view) =>
		person('excludeRecord', {
			...here(view),
			...(view.random.chance(0.5) ? { internalId: view.internalId() } : view.external()),
			reason: view.random.pick(['', 'not ours'])
		}),
	endExclusion: (view) => person('endExclusion', { exclusionId: view.idOf(view.oneOf('c_channel_exclusion')) }),
	createChannel: (view) =>
		person('createChannel', {
			name: view.random.pick(['ERP', 'Shop', 'Third']),
			connector: 'memory',
			settings: { a: 1 },
			credentials: {},
			entities: ['product', 'business-partner'],
			secretKey
		}),
	addChannelEntities: (view) =>
		person('addChannelEntities', { channelId: view.channelId, entities: view.random.some(['product', 'other'], 2) }),
	deleteChannel: (view) =>
		person('deleteChannel', {
			channelId: view.channelId,
			typedName: view.random.chance(0.1)
				? String(view.rows('c_channel', ({ id }) => String(id) === view.channelId)[0]?.['name'])
				: 'no'
		}),
	recordTest: (view) => person('recordTest', { channelId: view.channelId, passed: view.random.chance(0.5) }),
	endSetUp: (view) => person('endSetUp', { channelId: view.channelId }),
	settleFirstContact: (view) => person('settleFirstContact', settlement(view)),
	createToken: (view) =>
		person('createToken', { name: 'program', role: 'viewer', tokenHash: `hash ${view.random.int(5)}` }),
	revokeToken: (view) =>
		person('revokeToken', {
			tokenId: view.idOf(view.oneOf('api_token', (row) => view.random.chance(0.1) || row['revoked_at'] === null))
		}),
	decideHold: (view) =>
		person('decideHold', {
			holdId: view.idOf(view.oneOf('sync_hold')),
			decision: view.random.pick(['approve', 'discard'])
		}),
	goLive: (view) => person('goLive', { ...here(view), direction: view.random.pick(['push', 'pull']) }),
	stopLive: (view) => person('stopLive', { ...here(view), direction: view.random.pick(['push', 'pull']) }),
	pauseChannel: (view) => person('pauseChannel', { channelId: view.channelId }),
	resumeChannel: (view) => person('resumeChannel', { channelId: view.channelId }),
	saveChannel: (view) =>
		person('saveChannel', {
			channelId: view.channelId,
			name: view.random.pick(['ERP', 'Shop', 'New']),
			...(view.random.chance(0.5) ? { settings: { b: [1] } } : {})
		}),
	saveChannelEntity: (view) => {
		const { random } = view;
		const policy = {
			...(random.chance(0.4) ? { conflict: random.pick(['ask', 'newest-wins', 'internal-wins']) } : {}),
			...(random.chance(0.3) ? { fields: { price: { direction: random.pick(['both', 'off', 'to-channel']) } } } : {}),
			...(random.chance(0.3) ? { match: [[{ field: random.pick(['value', 'name']), how: 'respelled' }]] } : {}),
			...(random.chance(0.4) ? { scope: scopes(view) } : {})
		};
		const flag = (name: string) => (random.chance(0.3) ? { [name]: random.chance(0.7) } : {});
		return person('saveChannelEntity', {
			...here(view),
			settingsRev: settingsRev(view),
			policy,
			...flag('autoCreateExternal'),
			...flag('autoCreateInternal'),
			...flag('allowSecondary'),
			...(random.chance(0.2) ? { schedule: { everySeconds: 30 } } : {})
		});
	},
	saveCredentials: (view) =>
		person('saveCredentials', {
			channelId: view.channelId,
			credentials: view.random.chance(0.2) ? {} : { key: 'k', other: 'o' },
			secretKey
		})
};

const plainFields = (view: View) => {
	const fields = view.fields(3);
	return Object.keys(fields).length === 0 ? { name: 'Plain' } : fields;
};

/** What other programs do to our records, and time that goes by. */
export const plainSteps: Readonly<Record<string, Maker>> = {
	insert: (view) => ({
		port: 'plain',
		verb: 'insert',
		entity: view.entity,
		fields: { ...view.wholeFields(), value: `P-${view.random.int(40)}` }
	}),
	update: (view) => ({
		port: 'plain',
		verb: 'update',
		entity: view.entity,
		id: view.internalId(),
		fields: plainFields(view)
	}),
	delete: (view) => ({ port: 'plain', verb: 'delete', entity: view.entity, id: view.internalId() }),
	clock: (view) => ({
		port: 'clock',
		verb: 'advance',
		micros: view.random.pick([
			1,
			999,
			1_000_000,
			1_000_001,
			9_500_000,
			61_000_000,
			3_599_999_999,
			90_000_000_000,
			3 * 86_400_000_000,
			31 * 86_400_000_000
		])
	})
};
