import { asKept } from '#src/entities/record-source.ts';
import { entityNamed } from '#src/entities/registry.ts';
import type { RunRow } from '#src/store/begin-run.ts';
import type { CeilingKind } from '#src/store/commit-links.ts';
import type { FinishRunInput, RunProblem } from '#src/store/finish-run.ts';
import type { ChannelState } from '#src/store/load-channel.ts';
import { isDatabaseTrouble } from '#src/store/postgres-error.ts';
import type { Clocks } from '../clocks.ts';
import { errorPlace, errorText } from '../error-text.ts';
import type { Session } from '../connectors/connector.ts';
import { ConnectorError, stopsRun } from '../connectors/error.ts';
import { listingProblem } from '../listing-problem.ts';
import { openSession } from '../open-session.ts';
import type { Ports } from '../ports.ts';
import { adoptCandidates } from './adopt.ts';
import { applyPlan } from './apply-plan.ts';
import { carriedResource } from './carried-resource.ts';
import { createAtChannel } from './create-external.ts';
import { previewLinks } from './preview.ts';
import { reconcileDirty } from './reconcile.ts';
import { RunHeld, RunStopped, type RunContext } from './run-context.ts';
import { readNamed } from './read-named.ts';
import { drainHints, scanChanges, scanEverything } from './scan.ts';
import { shownRecords } from './shown-records.ts';

/** Another process performs a run of the same channel and entity: try again this much later. */
const busyRetryMs = 500;
const heartbeatMs = 1_000;

type RunEnding = Omit<FinishRunInput, 'runId' | 'attempt'>;

/**
 * Performs one run to its end, in the order in which it happens. Safe for a run that was interrupted or is delivered
 * twice: everything it does is guarded by what the database holds.
 */
export async function performRun(ports: Ports, clocks: Clocks, runId: string, signal: AbortSignal): Promise<void> {
	const begun = await ports.store.beginRun({ runId });
	if (begun.kind === 'over') return;
	if (begun.kind === 'busy') return ports.queue.send({ runId }, { afterMs: busyRetryMs });

	const { run } = begun;
	const alive = keepAlive(ports, run, signal);
	const hands = { runId, attempt: run.attempt };
	let end: RunEnding;
	try {
		end = await stepsOf(ports, clocks, run, alive.signal, alive.setPhase);
	} catch (error) {
		if (signal.aborted) return ports.store.requeueRun(hands);
		end = endAfter(ports, run, error);
	} finally {
		alive.end();
	}
	await ports.store.finishRun({ ...hands, ...end });
}

async function stepsOf(
	ports: Ports,
	clocks: Clocks,
	run: RunRow,
	signal: AbortSignal,
	setPhase: (phase: string) => void
): Promise<RunEnding> {
	const channel = await ports.store.loadChannel({ channelId: run.channelId, entity: run.entity });
	const known = entityNamed(run.entity);
	if (!channel || !known)
		throw new ConnectorError('misconfigured', { hint: 'This channel no longer has this entity.' });
	if (channel.paused) throw new RunStopped('paused');
	const entity = asKept(known, channel);
	const session = openSession(ports, clocks, channel);
	try {
		const offered = session.resource(run.entity);
		if (!offered)
			throw new ConnectorError('misconfigured', {
				hint: `${channel.name} does not support ${entity.label.many.toLowerCase()}.`
			});
		const resource = carriedResource(entity, offered, channel.policy);
		const context: RunContext = {
			ports,
			clocks,
			entity,
			channel,
			session,
			resource,
			run,
			signal,
			held: new Set(channel.held as CeilingKind[]),
			pace: { writesAtOnce: 50, shownAtOnce: 500 },
			suspects: new Set(),
			shown: shownRecords(),
			databaseTime: { ms: 0, monotonicMs: 0 },
			failures: { count: 0 },
			async followSettings() {
				const now = await ports.store.loadChannel({ channelId: channel.id, entity: entity.name });
				if (!now) throw new RunStopped('cancelled');
				const { pushLive, pullLive, autoCreateExternal, autoCreateInternal, policy, settingsRev } = now;
				const set = { pushLive, pullLive, autoCreateExternal, autoCreateInternal, policy, settingsRev };
				context.channel = { ...context.channel, ...set };
				context.resource = carriedResource(entity, offered, policy);
			},
			async checkpoint(phase) {
				setPhase(phase);
				signal.throwIfAborted();
			}
		};
		await perform(context);
		return endOf(context, channel);
	} finally {
		await closeQuietly(session);
	}
}

async function perform(run: RunContext): Promise<void> {
	switch (run.run.mode) {
		case 'records':
			await drainHints(run);
			return reconcileDirty(run, run.run.linkIds ?? []);
		case 'preview':
			return previewLinks(run);
		case 'apply':
			await drainHints(run);
			return applyPlan(run);
		case 'hinted':
			await drainHints(run);
			await readNamed(run);
			break;
		case 'full':
			await drainHints(run);
			await scanEverything(run);
			await run.ports.store.forgetOldRuns({});
			await run.ports.store.compactLinkCounts({});
			break;
		default:
			await drainHints(run);
			await scanChanges(run);
	}
	await reconcileDirty(run, null);
	const adopted = await adoptCandidates(run);
	const created = await createAtChannel(run);
	// What these two linked is looked at once more at once.
	if (adopted || created) await reconcileDirty(run, null);
}

function endOf(run: RunContext, channel: ChannelState): RunEnding {
	const fresh = [...run.held].filter((kind) => !channel.held.includes(kind));
	if (fresh.length > 0) {
		const problem = {
			kind: 'held',
			message: `The ceiling for ${fresh.join(' and ')} within 24 hours is reached.`,
			hint: 'Look at what waits, then approve or discard it in the inbox.'
		};
		return { state: 'held', problem, channelProblem: null };
	}
	return { state: run.failures.count > 0 ? 'partial' : 'succeeded', problem: null, channelProblem: null };
}

function endAfter(ports: Ports, run: RunRow, error: unknown): RunEnding {
	if (error instanceof RunStopped) {
		const problem = {
			kind: error.reason,
			message: `The run was ${error.reason}.`,
			hint: 'The next run carries on from here.'
		};
		return { state: 'cancelled', problem, channelProblem: null };
	}
	if (error instanceof RunHeld) {
		const problem = { kind: 'held', message: error.message, hint: error.hint };
		return { state: 'held', problem, channelProblem: null };
	}
	if (error instanceof ConnectorError) {
		const problem: RunProblem = { kind: error.kind, ...listingProblem(error, entityNamed(run.entity)) };
		ports.log.warn('run failed', { runId: run.id, channelId: run.channelId, entity: run.entity, kind: error.kind });
		return { state: 'failed', problem, channelProblem: stopsRun(error.kind) ? problem : null };
	}
	const message = errorText(error);
	if (isDatabaseTrouble(error)) {
		ports.log.warn('run broken off by the database', { runId: run.id, channelId: run.channelId, problem: message });
		const problem = {
			kind: 'interrupted',
			message: 'The database broke this run off.',
			hint: 'Nothing to do: the next run carries on.'
		};
		return { state: 'failed', problem, channelProblem: null };
	}
	ports.log.error('run failed on a defect', {
		runId: run.id,
		channelId: run.channelId,
		entity: run.entity,
		problem: message,
		at: errorPlace(error)
	});
	const problem = {
		kind: 'defect',
		message: message.slice(0, 500),
		hint: 'Report this with the run number; the next run tries again.'
	};
	return { state: 'failed', problem, channelProblem: null };
}

/** Why a beat is not waited for any longer; without it each run's end would put together an error with its stack. */
const over = 'the run is over';

/** Beats for the run while its steps work; ends them when it is cancelled, paused or the process stops. */
function keepAlive(ports: Ports, run: RunRow, outer: AbortSignal) {
	const stop = new AbortController();
	const ended = new AbortController();
	const signal = AbortSignal.any([outer, stop.signal]);
	let phase = 'start';
	const beat = async () => {
		while (!ended.signal.aborted) {
			// The begin of the run was its first sign of life.
			await ports.clock.sleep(heartbeatMs, ended.signal);
			const { stop: reason } = await ports.store.heartbeatRun({ runId: run.id, attempt: run.attempt, phase });
			if (reason) return stop.abort(new RunStopped(reason));
		}
	};
	beat().catch((error: unknown) => {
		if (!ended.signal.aborted) stop.abort(error);
	});
	return {
		signal,
		setPhase: (next: string) => {
			phase = next;
		},
		end: () => ended.abort(over)
	};
}

async function closeQuietly(session: Session): Promise<void> {
	await session.close();
}
