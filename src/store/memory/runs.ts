import { abandonedSeconds, silentSeconds, type BeginRunResult, type RunAttempt } from '../begin-run.ts';
import { wasThere, type FinishRunInput } from '../finish-run.ts';
import type { QueueRunInput } from '../queue-run.ts';
import type { RunRow } from './run-tables.ts';
import { inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';

const dayMs = 24 * 3600 * 1000;

/** `queueRun` in memory. */
export function queueRun(tables: Tables, input: QueueRunInput): { runId: string; fresh: boolean } {
	const { channelId, entity, mode, startedBy, linkIds, planId } = input;
	if (linkIds === null) {
		const [waiting] = planId
			? inIdOrder(tables.runsOfPlan(planId)).filter(({ state }) => state !== 'failed' && state !== 'cancelled')
			: inIdOrder(tables.queuedRuns(channelId, entity)).filter((run) => run.mode === mode);
		if (waiting) return { runId: waiting.id, fresh: false };
	}
	const run = tables.runs.insert({
		id: tables.runs.nextId(),
		channelId,
		entity,
		mode,
		startedBy,
		state: 'queued',
		phase: null,
		linkIds: linkIds === null ? null : [...linkIds],
		planId: planId ?? null,
		cancelRequested: false,
		attempt: 0,
		heartbeatAt: null,
		problem: null,
		counts: {},
		queuedAt: tables.now(),
		startedAt: null,
		endedAt: null
	});
	tables.requireChannel('sync_run', channelId);
	return { runId: run.id, fresh: true };
}

/** `beginRun` in memory. */
export function beginRun(tables: Tables, input: { runId: string }): BeginRunResult {
	const row = tables.runs.get(input.runId);
	if (!row || !isActive(row)) return { kind: 'over' };
	const now = tables.now();
	const silent = row.heartbeatAt === null || row.heartbeatAt < tables.nowPlus(-silentSeconds * 1000);
	if (row.state === 'running' && !silent) return { kind: 'busy' };
	const other = tables.runningRun(row.channelId, row.entity);
	if (other && other.id !== row.id) {
		if (other.heartbeatAt === null || other.heartbeatAt >= tables.nowPlus(-abandonedSeconds * 1000))
			return { kind: 'busy' };
		const problem = {
			kind: 'interrupted',
			message: 'The process that performed this run ended.',
			hint: 'Nothing to do: the next run carries on.'
		};
		tables.runs.replace(other, { ...other, state: 'failed', endedAt: now, problem });
	}
	const attempt = row.attempt + 1;
	tables.runs.replace(row, { ...row, state: 'running', startedAt: row.startedAt ?? now, heartbeatAt: now, attempt });
	const { id, channelId, entity, mode, startedBy, state, linkIds, planId } = row;
	const run = { id, channelId, entity, mode, startedBy, state, linkIds, planId, attempt, silent };
	return { kind: 'begun', run };
}

/** The run, where nobody has taken it over and it goes on. */
export function runInHands(tables: Tables, { runId, attempt }: RunAttempt): RunRow | null {
	const run = tables.runs.get(runId);
	return run?.state === 'running' && run.attempt === attempt ? run : null;
}

/** `heartbeatRun` in memory. */
export function heartbeatRun(
	tables: Tables,
	input: RunAttempt & { phase: string }
): { stop: 'cancelled' | 'paused' | null } {
	const run = runInHands(tables, input);
	if (!run) return { stop: 'cancelled' };
	tables.runs.replace(run, { ...run, heartbeatAt: tables.now(), phase: input.phase });
	if (run.cancelRequested) return { stop: 'cancelled' };
	const paused = (tables.channels.get(run.channelId)?.pausedAt ?? null) !== null;
	return { stop: paused ? 'paused' : null };
}

/** `requeueRun` in memory. */
export function requeueRun(tables: Tables, input: RunAttempt): void {
	const run = runInHands(tables, input);
	if (run) tables.runs.replace(run, { ...run, state: 'queued', phase: null });
}

/** `finishRun` in memory. */
export function finishRun(tables: Tables, input: FinishRunInput): void {
	const run = runInHands(tables, input);
	if (!run) return;
	const now = tables.now();
	const counts: Record<string, number> = {};
	for (const batch of tables.batchesOfRun(run.id)) {
		for (const [name, count] of Object.entries(batch.counts)) counts[name] = (counts[name] ?? 0) + count;
	}
	tables.runs.replace(run, {
		...run,
		state: input.state,
		endedAt: now,
		phase: null,
		problem: input.problem,
		counts
	});
	const problem = input.channelProblem;
	const channel = tables.channels.get(run.channelId);
	if (channel && (channel.problem !== null || problem !== null)) {
		tables.channels.replace(channel, { ...channel, problem: problem === null ? null : { ...problem, at: now } });
	}
	const settings = tables.channelEntity(run.channelId, run.entity);
	if (settings && (settings.failures > 0 || problem !== null)) {
		const failures = problem === null ? 0 : wasThere(problem, counts) ? 1 : settings.failures + 1;
		tables.channelEntities.replace(settings, { ...settings, failures });
	}
}

/** `requestCancel` in memory. */
export function requestCancel(tables: Tables, input: { runId: string }): boolean {
	const run = tables.runs.get(input.runId);
	if (!run || !isActive(run)) return false;
	const ended = run.state === 'queued';
	tables.runs.replace(run, {
		...run,
		cancelRequested: true,
		endedAt: ended ? tables.now() : null,
		state: ended ? 'cancelled' : run.state
	});
	return true;
}

/** `forgetOldRuns` in memory. */
export function forgetOldRuns(tables: Tables): void {
	const monthAgo = tables.nowPlus(-30 * dayMs);
	const dayAgo = tables.nowPlus(-dayMs);
	const forgotten: RunRow[] = [];
	for (const run of tables.runs.all()) {
		if (isActive(run)) continue;
		const quiet = ['schedule', 'webhook'].includes(run.startedBy) && run.state === 'succeeded';
		const idle = quiet && run.queuedAt < dayAgo && [...tables.itemsOfRun(run.id)].length === 0;
		if (run.queuedAt < monthAgo || idle) forgotten.push(run);
	}
	for (const run of forgotten) {
		for (const batch of [...tables.batchesOfRun(run.id)]) tables.batches.remove(batch);
		for (const item of [...tables.itemsOfRun(run.id)]) tables.items.remove(item);
		tables.runs.remove(run);
	}
	for (const job of [...tables.bulkJobs.all()]) {
		if (!['queued', 'running'].includes(job.state) && job.queuedAt < monthAgo) tables.bulkJobs.remove(job);
	}
	const twoDaysAgo = tables.nowPlus(-2 * dayMs);
	for (const ceiling of [...tables.ceilings.all()]) if (ceiling.hour < twoDaysAgo) tables.ceilings.remove(ceiling);
}

function isActive(run: RunRow): boolean {
	return run.state === 'queued' || run.state === 'running';
}
