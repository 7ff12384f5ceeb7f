import { m } from '../paraglide/messages.js';

/** The cause of a problem as a heading over the records that have it. */
export function problemWords(kind: string): string {
	return causes[kind]?.() ?? m.problem_other();
}

/** What kept a run from getting through, as a heading. */
export function runProblemWords(kind: string): string {
	return causes[kind]?.() ?? m.problem_run_failed();
}

const causes: Readonly<Record<string, () => string>> = {
	awaiting: () => m.problem_awaiting(),
	'unmapped-value': () => m.problem_unmapped_value(),
	rejected: () => m.problem_rejected(),
	'missing-internal': () => m.problem_missing_internal(),
	'missing-external': () => m.problem_missing_external(),
	'not-listed': () => m.problem_not_listed(),
	missing: () => m.problem_missing_external(),
	unreachable: () => m.problem_unreachable(),
	'rate-limited': () => m.problem_rate_limited(),
	unauthorized: () => m.problem_unauthorized(),
	conflict: () => m.problem_moving(),
	duplicate: () => m.problem_duplicate(),
	ambiguous: () => m.problem_ambiguous(),
	'invalid-reply': () => m.problem_invalid_reply(),
	misconfigured: () => m.problem_misconfigured(),
	creating: () => m.status_creating(),
	stale: () => m.problem_stale()
};
