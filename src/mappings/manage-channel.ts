import { z } from 'zod';
import type { Db } from '#src/db/client.ts';
import * as added from '#src/store/add-channel-entities.ts';
import * as create from '#src/store/create-channel.ts';
import * as ending from '#src/store/delete-channel.ts';
import * as holds from '#src/store/decide-hold.ts';
import * as live from '#src/store/go-live.ts';
import * as pause from '#src/store/pause-channel.ts';
import * as installation from '#src/store/rearm-installation.ts';
import type { Person } from '#src/store/person.ts';
import type { Refusal } from '#src/store/refusal.ts';
import * as entities from '#src/store/save-channel-entity.ts';
import * as channel from '#src/store/save-channel.ts';
import * as credentials from '#src/store/save-credentials.ts';
import * as setUp from '#src/store/set-up-channel.ts';
import { matchHows } from '#src/sync/match-groups.ts';
import { conflictRules, directions, firstContactRules } from '#src/sync/policy.ts';
import { entityName, guarded, id, text } from './guarded.ts';
import { scheduleRules } from './schedule-rules.ts';
import { scopeRules } from './scope-rules.ts';

const name = text(80).trim().min(1, 'must not be empty');
const settings = z.record(text(80), z.unknown());
const secrets = z.record(text(80), text(10_000));
const direction = z.enum(['push', 'pull']);

const ceiling = z.strictObject({ count: z.number().int().min(0).max(1_000_000), share: z.number().min(0).max(1) });
const groupsAtMost = 10;
const matchGroup = z
	.array(z.strictObject({ field: text(80), how: z.enum(matchHows) }))
	.min(1)
	.max(groupsAtMost);
const rewriting = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.enum(['spaces', 'upper', 'lower', 'mark-up']) }),
	z.strictObject({ kind: z.literal('round'), digits: z.number().int().min(0).max(20) }),
	z.strictObject({ kind: z.literal('cut'), length: z.number().int().min(1).max(100_000) })
]);
const policy = z
	.strictObject({
		conflict: z.enum(conflictRules),
		firstContact: z.enum(firstContactRules),
		fields: z.record(
			text(80),
			z.strictObject({
				direction: z.enum(directions).optional(),
				conflict: z.enum(conflictRules).optional(),
				firstContact: z.enum(firstContactRules).optional(),
				rewriting: rewriting.nullable().optional()
			})
		),
		ceilings: z.strictObject({ creates: ceiling, deactivations: ceiling, updates: ceiling }),
		match: z.array(matchGroup).min(1).max(groupsAtMost).optional(),
		scope: scopeRules.optional()
	})
	.partial();

/** Stops everything about a channel. */
export const pauseChannel = guarded('manage-channel', { channelId: id }, pause.pauseChannel);
/** Lets a paused channel go on. */
export const resumeChannel = guarded('manage-channel', { channelId: id }, pause.resumeChannel);
/** Makes this database the one installation that may write. */
export const rearmInstallation = guarded(
	'manage-channel',
	{ origin: text(500).min(1) },
	installation.rearmInstallation
);
/** Arms one direction; show `goLivePlan` before. */
export const goLive = guarded('manage-channel', { channelId: id, entity: entityName, direction }, live.goLive);
/** Puts one direction back to watching. */
export const stopLive = guarded('manage-channel', { channelId: id, entity: entityName, direction }, live.stopLive);
/** Decides about effects beyond a ceiling. */
export const decideHold = guarded('run', { holdId: id, decision: z.enum(['approve', 'discard']) }, holds.decideHold);

/** Changes policy, schedule and automatic creation of one entity of a channel. */
export const saveChannelEntity = guarded(
	'manage-channel',
	{
		channelId: id,
		entity: entityName,
		settingsRev: z.number().int(),
		policy: policy.optional(),
		schedule: scheduleRules.optional(),
		autoCreateExternal: z.boolean().optional(),
		autoCreateInternal: z.boolean().optional(),
		allowSecondary: z.boolean().optional()
	},
	entities.saveChannelEntity
);

/** Adds a channel, watching. */
export const createChannel = guarded(
	'manage-channel',
	{
		name,
		connector: text(40).min(1),
		settings,
		credentials: secrets,
		/** None: they are chosen once the channel answers. */
		entities: z.array(entityName).max(50)
	},
	create.createChannel
);

/** Lets a channel carry further entities, watching. */
export const addChannelEntities = guarded(
	'manage-channel',
	{ channelId: id, entities: z.array(entityName).min(1, 'choose at least one').max(50) },
	added.addChannelEntities
);

/** Keeps that a channel was tried. */
export const recordTest = guarded('run', { channelId: id, passed: z.boolean() }, setUp.recordTest);

/** Puts the checklist of a channel's set-up away. */
export const endSetUp = guarded('manage-channel', { channelId: id }, setUp.endSetUp);

/** Renames a channel and replaces its settings where they are given. */
export const saveChannel = guarded(
	'manage-channel',
	{ channelId: id, name, settings: settings.optional() },
	channel.saveChannel
);

/** Ends a channel whose name was typed; its links are archived. */
export const deleteChannel = guarded('manage-channel', { channelId: id, typedName: text(200) }, ending.deleteChannel);

/** Replaces the credentials that were entered; empty ones are kept as they are. */
export const replaceCredentials = guarded(
	'manage-channel',
	{ channelId: id, entered: secrets },
	async (
		db: Db,
		input: Person & { channelId: string; secretKey: string; entered: Readonly<Record<string, string>> }
	): Promise<{ ok: true; fields: string[] } | Refusal> => {
		const { entered, ...rest } = input;
		const filled = Object.fromEntries(Object.entries(entered).filter(([, plain]) => plain !== ''));
		return credentials.saveCredentials(db, { ...rest, credentials: filled });
	}
);
