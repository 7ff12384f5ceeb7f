import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import { areMatchGroups } from '#src/sync/match-groups.ts';
import { directionOf, type ChannelEntityPolicy, type Schedule } from '#src/sync/policy.ts';
import { isScopeCondition, sameScopes } from '#src/sync/scope.ts';
import { withChannelSettings, type ChannelSettings } from './channel-settings.ts';
import { fillCandidates } from './fill-candidates.ts';
import { writeAudit } from './journal.ts';
import { leaveScope } from './leave-scope.ts';
import { lockCreates } from './lock-creates.ts';
import { markLinks } from './mark-links.ts';
import type { Person } from './person.ts';
import { refusal, type Refusal } from './refusal.ts';
import { settingsChanged } from './refusals.ts';
import { madeElsewhere } from './source-refusals.ts';

export type SaveChannelEntityInput = Person & {
	channelId: string;
	entity: string;
	/** The revision of the settings that was on the screen. */
	settingsRev: number;
	/** What is left out stays as it is. */
	policy?: Partial<ChannelEntityPolicy>;
	schedule?: Schedule;
	autoCreateExternal?: boolean;
	autoCreateInternal?: boolean;
	allowSecondary?: boolean;
};
export type SaveChannelEntityResult = { ok: true; settingsRev: number } | Refusal;

/** Changes how one entity of a channel is synced. Links that the change may decide otherwise are looked at again. */
export async function saveChannelEntity(db: Db, input: SaveChannelEntityInput): Promise<SaveChannelEntityResult> {
	return withChannelSettings(db, input, async (tx, entity, before): Promise<SaveChannelEntityResult> => {
		if (before.settingsRev !== input.settingsRev) return settingsChanged();
		const after = settingsAfter(entity, before, input);
		const made = after.autoCreateInternal ? madeElsewhere(entity, 'autoCreateInternal') : null;
		const refused = made ?? checkAutoCreate(entity, after) ?? checkMatch(entity, after) ?? checkScope(entity, after);
		if (refused) return refused;
		// Whoever creates holds it from reading the scope to the end: no create is decided on by the old one afterwards.
		if (isOtherScope(before, after)) await lockCreates(tx, input.channelId, entity.name);
		await tx.execute(sql`
			update c_channel_entity set policy = ${JSON.stringify(after.policy)}::text::jsonb, schedule = ${JSON.stringify(after.schedule)}::text::jsonb,
				auto_create_external = ${after.autoCreateExternal}, auto_create_internal = ${after.autoCreateInternal},
				allow_secondary = ${after.allowSecondary}, settings_rev = settings_rev + 1
			where c_channel_id = ${input.channelId}::bigint and entity = ${entity.name}`);
		await follow(tx, entity, input.channelId, before, after);
		const { channelName: _, settingsRev: _rev, ...detail } = after;
		await writeAudit(tx, input, {
			action: 'save-settings',
			object: `channel/${input.channelId}/${entity.name}`,
			channelId: input.channelId,
			detail
		});
		return { ok: true, settingsRev: before.settingsRev + 1 };
	});
}

/**
 * The settings with what the person gave. Rules of removed fields stay, and so does what nobody spoke of: a rewriting, and a rule of
 * its own for first contact.
 */
export function settingsAfter(
	entity: Entity,
	before: ChannelSettings,
	{ policy, ...input }: SaveChannelEntityInput
): ChannelSettings {
	const fields = policy?.fields && rulesAfter(entity, before.policy.fields, policy.fields);
	return {
		...before,
		policy: { ...before.policy, ...policy, ...(fields && { fields }) },
		schedule: input.schedule ?? before.schedule,
		autoCreateExternal: input.autoCreateExternal ?? before.autoCreateExternal,
		autoCreateInternal: input.autoCreateInternal ?? before.autoCreateInternal,
		allowSecondary: input.allowSecondary ?? before.allowSecondary
	};
}

type FieldRules = ChannelEntityPolicy['fields'];

function rulesAfter(entity: Entity, before: FieldRules, given: FieldRules): FieldRules {
	const after = { ...given };
	for (const [field, rule] of Object.entries(before)) {
		if (!entity.fields.some(({ name }) => name === field)) after[field] ??= rule;
		else {
			const { rewriting, firstContact } = rule;
			const now = after[field];
			const kept = {
				...(rewriting && now?.rewriting === undefined && { rewriting }),
				...(firstContact && now?.firstContact === undefined && { firstContact })
			};
			if (Object.keys(kept).length > 0) after[field] = { ...now, ...kept };
		}
	}
	return after;
}

/** Creating in a direction that does not write is refused, and creating at a channel what only comes from channels. */
export function checkAutoCreate(entity: Entity, after: ChannelSettings): Refusal | null {
	if (after.autoCreateExternal && entity.comesFrom === 'channel') {
		const message = `${entity.label.many} come from ${after.channelName} and are never created there.`;
		return refusal('not-allowed', message, 'Leave it off.', { field: 'autoCreateExternal' });
	}
	if (after.autoCreateExternal && !after.pushLive) {
		const message = `Creating records in ${after.channelName} needs sending to be live.`;
		return refusal('not-allowed', message, 'Go live with sending first.', { field: 'autoCreateExternal' });
	}
	if (after.autoCreateInternal && !after.pullLive) {
		const message = `Creating records from ${after.channelName} needs receiving to be live.`;
		return refusal('not-allowed', message, 'Go live with receiving first.', { field: 'autoCreateInternal' });
	}
	return null;
}

/** Groups that no record can be matched by are refused. */
export function checkMatch(entity: Entity, { policy }: ChannelSettings): Refusal | null {
	if (policy.match === undefined || areMatchGroups(policy.match, entity.matchKeys)) return null;
	const fields = entity.matchKeys.join(', ');
	const hint = `Each group needs at least one of ${fields}, and no field twice.`;
	return refusal('invalid', 'These match groups identify no record.', hint, { field: 'match' });
}

/** Conditions that cannot be asked of a field are refused. */
export function checkScope(entity: Entity, { policy }: ChannelSettings): Refusal | null {
	for (const side of ['internal', 'external'] as const) {
		const wrong = policy.scope?.[side]?.find((condition) => {
			const field = entity.fields.find(({ name }) => name === condition.field);
			// Not every place that asks what takes part knows of custom fields.
			return field?.type !== condition.type || field.attribute === true || !isScopeCondition(condition);
		});
		if (!wrong) continue;
		const label = entity.fields.find(({ name }) => name === wrong.field)?.label ?? wrong.field;
		const message = `The condition on ${label} cannot be kept.`;
		return refusal('invalid', message, 'Choose a comparison that fits the field, and a value.', { field: 'scope' });
	}
	return null;
}

/** Whether other records take part than before. */
export function isOtherScope(before: ChannelSettings, after: ChannelSettings): boolean {
	return !sameScopes(before.policy.scope ?? {}, after.policy.scope ?? {});
}

/**
 * Which waiting lists other match groups or another scope fill: every pair is considered anew, and what matches nothing is
 * created where that is on.
 */
export function sidesToMatch(before: ChannelSettings, after: ChannelSettings): readonly ('internal' | 'external')[] {
	const sameGroups = JSON.stringify(before.policy.match) === JSON.stringify(after.policy.match);
	if (sameGroups && !isOtherScope(before, after)) return [];
	return after.autoCreateExternal ? ['internal', 'external'] : ['external'];
}

async function follow(
	tx: Transaction,
	entity: Entity,
	channelId: string,
	before: ChannelSettings,
	after: ChannelSettings
): Promise<void> {
	if (isOtherScope(before, after)) await leaveScope(tx, entity, channelId, after.policy.scope ?? {});
	if (after.autoCreateExternal && !before.autoCreateExternal) await fillCandidates(tx, entity, channelId, 'internal');
	if (after.autoCreateInternal && !before.autoCreateInternal) await fillCandidates(tx, entity, channelId, 'external');
	for (const side of sidesToMatch(before, after)) await fillCandidates(tx, entity, channelId, side);
	const affected = linksAffected(entity, before.policy, after.policy);
	if (affected) await markLinks(tx, entity, channelId, affected);
}

/** Which links another policy may decide otherwise. */
export function linksAffected(
	entity: Entity,
	before: ChannelEntityPolicy,
	after: ChannelEntityPolicy
): 'all' | 'waiting' | null {
	if (entity.fields.some(({ name }) => directionOf(before, name) !== directionOf(after, name))) return 'all';
	const rules = (policy: ChannelEntityPolicy) =>
		JSON.stringify([
			policy.conflict,
			policy.firstContact,
			entity.fields.map(({ name }) => policy.fields[name]?.conflict ?? null)
		]);
	return rules(before) === rules(after) ? null : 'waiting';
}
