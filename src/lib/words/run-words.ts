import { m } from '#src/lib/paraglide/messages.js';
import type { Tone } from '#src/lib/ui/tone.ts';

type Look = { word: string; tone: Tone };

const states: Record<string, () => Look> = {
	queued: () => ({ word: m.run_state_queued(), tone: 'idle' }),
	running: () => ({ word: m.run_state_running(), tone: 'info' }),
	succeeded: () => ({ word: m.run_state_succeeded(), tone: 'good' }),
	partial: () => ({ word: m.run_state_partial(), tone: 'warn' }),
	failed: () => ({ word: m.run_state_failed(), tone: 'bad' }),
	cancelled: () => ({ word: m.run_state_cancelled(), tone: 'idle' }),
	held: () => ({ word: m.run_state_held(), tone: 'warn' })
};

/** How a run's state reads. */
export function runState(state: string): Look {
	return states[state]?.() ?? { word: state, tone: 'idle' };
}

/** Whether a run still goes on. */
export function isActive(state: string): boolean {
	return state === 'queued' || state === 'running';
}

const modes: Record<string, () => string> = {
	incremental: m.run_mode_incremental,
	full: m.run_mode_full,
	hinted: m.run_mode_hinted,
	preview: m.run_mode_preview,
	records: m.run_mode_records,
	apply: m.run_mode_apply
};

/** What kind of run it is. */
export function runMode(mode: string): string {
	return modes[mode]?.() ?? mode;
}

/** Who started it: a person's address, the schedule, or the channel itself. */
export function startedBy(who: string): string {
	if (who === 'webhook') return m.run_by_webhook();
	return who === 'schedule' ? m.run_by_schedule() : who;
}

const outcomes: Record<string, (channel: string) => Look> = {
	'in-sync': () => ({ word: m.outcome_in_sync(), tone: 'idle' }),
	pushed: (channel) => ({ word: m.outcome_pushed({ channel }), tone: 'good' }),
	pulled: (channel) => ({ word: m.outcome_pulled({ channel }), tone: 'good' }),
	merged: () => ({ word: m.outcome_merged(), tone: 'good' }),
	created: () => ({ word: m.outcome_created(), tone: 'good' }),
	conflicted: () => ({ word: m.outcome_conflicted(), tone: 'warn' }),
	skipped: () => ({ word: m.outcome_skipped(), tone: 'idle' }),
	failed: () => ({ word: m.outcome_failed(), tone: 'bad' }),
	quarantined: () => ({ word: m.outcome_quarantined(), tone: 'bad' }),
	orphaned: () => ({ word: m.outcome_orphaned(), tone: 'warn' })
};

/** Outcomes in the order of the screen: what moved first, what needs a person last. */
export const outcomeOrder = Object.keys(outcomes);

/** How an outcome reads at this channel. */
export function outcomeLook(outcome: string, channel: string): Look {
	return outcomes[outcome]?.(channel) ?? { word: outcome, tone: 'idle' };
}

const phases: Record<string, () => string> = {
	start: m.run_phase_start,
	scan: m.run_phase_scan,
	match: m.run_phase_match,
	links: m.run_phase_links,
	preview: m.run_phase_preview,
	create: m.run_phase_create,
	adopt: m.run_phase_adopt
};

/** What a run is at, '' when it does not say. */
export function runPhase(phase: string | null): string {
	return phase === null ? '' : (phases[phase]?.() ?? phase);
}

type Quiet = { state: string; mode: string; linked: boolean; counts: Readonly<Record<string, number>> };

/** The result of a run that moved nothing: all is equal, or there was nothing that could be. */
export function nothingMoved(run: Quiet): string {
	if (run.state === 'cancelled' || run.state === 'failed' || run.state === 'held') return m.run_result_none();
	return !run.linked || foundUnlinked(run) ? m.run_result_unlinked() : m.run_result_nothing();
}

/** A comparison of everything to which all was new, and nothing was linked: each link would have been looked at. */
function foundUnlinked({ mode, counts }: Quiet): boolean {
	const scanned = counts['scanned'] ?? 0;
	return mode === 'full' && scanned > 0 && counts['changed'] === scanned && outcomeOrder.every((name) => !counts[name]);
}
