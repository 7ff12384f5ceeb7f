import { m } from '#src/lib/paraglide/messages.js';
import type { EngineAnswer } from '#src/engine-client/engine-client.ts';
import type { Outcome } from './act.ts';

type EngineRefusal = Extract<EngineAnswer<unknown>, { ok: false }>;

/** The engine's "no" as a refusal: either it cannot be reached, or it says why itself. */
export function unreachableRefusal(answer: EngineRefusal): Extract<Outcome, { ok: false }> {
	if (answer.unreachable) {
		return { ok: false, kind: 'unreachable', message: m.run_engine_down(), hint: m.run_engine_down_hint() };
	}
	const { title, detail, hint } = answer.problem;
	return { ok: false, kind: 'engine', message: detail || title, hint };
}

/** Asks the engine for a run, then goes to its page. */
export async function startRun(
	locals: App.Locals,
	input: { channelId: string; entity: string; mode: 'incremental' | 'full' | 'preview' }
): Promise<Outcome> {
	const answer = await locals.engine.startRun(input);
	if (!answer.ok) return unreachableRefusal(answer);
	return { ok: true, flash: { tone: 'good', text: m.run_started_flash() }, to: `/runs/${answer.data.id}` };
}
