import type { Entity } from '#src/entities/entity.ts';
import { formatCount } from '#src/lib/format.ts';
import { act, idOf, textOf } from '#src/lib/server/act.ts';
import { good } from '#src/lib/server/form-input.ts';
import { startRun, unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { longestGapMs } from '#src/lib/server/longest-gap.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { decideHold, pauseChannel, rearmInstallation, resumeChannel, stopLive } from '#src/mappings/manage-channel.ts';
import type { ChannelResource } from '#src/engine-client/engine-client.ts';
import type { ChannelRow } from '#src/mappings/channel-row.ts';
import { entitiesIn } from '#src/mappings/entities-now.ts';
import { withLinked } from '#src/mappings/linked-runs.ts';
import { listHolds } from '#src/mappings/list-holds.ts';
import { listRuns } from '#src/mappings/list-runs.ts';
import { setUpSteps } from '#src/mappings/set-up-steps.ts';
import { timestampLossCounts } from '#src/mappings/timestamp-losses.ts';
import { runBackoffMs } from '#src/sync/retry.ts';
import { stalenessBound, type StalenessBound } from '#src/sync/staleness.ts';
import type { Actions, PageServerLoad } from './$types';

/** As many as the chart shows. */
const recentRuns = 30;

export const load: PageServerLoad = async ({ locals, params, depends, parent }) => {
	depends('app:channel');
	const [{ channel }, resources, holds, runs, losses, setUp, entities] = await Promise.all([
		parent(),
		locals.engine.resources(params.channel),
		listHolds(locals.db, { channelId: params.channel }),
		listRuns(locals.db, { channelId: params.channel, withItemsOnly: true }, { limit: recentRuns }),
		timestampLossCounts(locals.db, { channelId: params.channel }),
		setUpSteps(locals.db, { channelId: params.channel }),
		entitiesIn(locals.db)
	]);
	return {
		bounds: boundsOf(channel, resources.ok ? resources.data : [], { untold: untoldOf(entities), nowMs: Date.now() }),
		holds,
		runs: await withLinked(locals.db, runs.rows),
		/** How far its set-up is; null once that is over. */
		setUp: setUp?.live ? null : setUp,
		timestampLosses: losses.get(params.channel) ?? { last30Days: 0, ever: 0, isMinimum: false }
	};
};

/** How long a change can go unseen, by entity; empty while nothing runs, or the engine cannot say how the channel is looked at. */
function boundsOf(
	channel: Pick<ChannelRow, 'pausedAt' | 'entities'>,
	resources: readonly Pick<ChannelResource, 'entity' | 'feed'>[],
	{ untold, nowMs }: { untold: ReadonlySet<string>; nowMs: number }
): Record<string, StalenessBound> {
	if (channel.pausedAt) return {};
	const bounds = channel.entities.flatMap(({ entity, schedule, failures }) => {
		const resource = resources.find((each) => each.entity === entity);
		const gapMs = longestGapMs(schedule, nowMs);
		if (!resource || gapMs === null) return [];
		const longest = Math.max(gapMs, runBackoffMs(failures));
		const bound = stalenessBound({ longestGapMs: longest, feed: resource.feed, untold: untold.has(entity) });
		return [[entity, bound] as const];
	});
	return Object.fromEntries(bounds);
}

/** Entities whose records are kept where nothing tells of changes. */
function untoldOf(entities: readonly Entity[]): ReadonlySet<string> {
	return new Set(entities.filter(({ source }) => source?.tells === false).map(({ name }) => name));
}

export const actions: Actions = {
	run: (event) =>
		act(event, 'run', ({ data, locals }) => {
			const mode = textOf(data, 'mode');
			return startRun(locals, {
				channelId: event.params.channel,
				entity: textOf(data, 'entity'),
				mode: mode === 'full' || mode === 'preview' ? mode : 'incremental'
			});
		}),
	test: (event) =>
		act(event, 'run', async ({ locals }) => {
			const answer = await locals.engine.probe(event.params.channel);
			if (!answer.ok) return unreachableRefusal(answer);
			const { reached, message, hint } = answer.data;
			if (!reached) return { ok: false, kind: 'channel', message: m.channel_test_failed({ message }), hint };
			return { ok: true, flash: { tone: 'good', text: m.channel_test_ok() } };
		}),
	pause: (event) =>
		act(event, 'manage-channel', async ({ actor, db }) => {
			const result = await pauseChannel(db, { channelId: event.params.channel, actor, via: 'web' });
			if (!result.ok) return result;
			const undo = { action: `/channels/${event.params.channel}?/resume`, fields: {} };
			return { ok: true, flash: { tone: 'info', text: m.channel_paused_flash({ channel: result.name }), undo } };
		}),
	resume: (event) =>
		act(event, 'manage-channel', async ({ actor, db }) => {
			const result = await resumeChannel(db, { channelId: event.params.channel, actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.channel_resumed_flash({ channel: result.name }) } };
		}),
	rearm: (event) =>
		act(event, 'manage-channel', async ({ actor, db, locals }) => {
			const { ORIGIN, ORIGIN_EXPLICIT } = locals.config;
			const result = await rearmInstallation(db, { origin: ORIGIN_EXPLICIT ? ORIGIN : 'default', actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.channel_rearmed() } };
		}),
	stopLive: (event) =>
		act(event, 'manage-channel', async ({ data, actor, db }) => {
			const direction = textOf(data, 'direction') === 'pull' ? 'pull' : 'push';
			const input = {
				channelId: event.params.channel,
				entity: textOf(data, 'entity'),
				direction,
				actor,
				via: 'web'
			} as const;
			const result = await stopLive(db, input);
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'info', text: m.channel_stopped_flash() } };
		}),
	decideHold: (event) =>
		act(event, 'run', async ({ data, actor, db, locals }) => {
			const decision = textOf(data, 'decision') === 'approve' ? 'approve' : 'discard';
			const result = await decideHold(db, { holdId: idOf(data, 'holdId'), decision, actor, via: 'web' });
			if (!result.ok) return result;
			const { channelId, entity, kind, waiting } = result;
			if (kind !== 'absences') {
				const approved = m.channel_hold_approved({ count: formatCount(waiting) });
				return good(decision === 'approve' ? approved : m.channel_hold_discarded());
			}
			if (decision === 'discard') return good(m.channel_hold_absences_discarded());
			// The next complete listing does it in any case: a silent engine only means "later".
			await locals.engine.startRun({ channelId, entity, mode: 'full' });
			return good(m.channel_hold_absences_approved());
		})
};
