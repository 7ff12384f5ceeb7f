import { m } from '#src/lib/paraglide/messages.js';
import type { Shown } from '#src/lib/words/value-words.ts';

type FieldReason = { field: string; verdict: string; rule: string };

export type LiveLook =
	| {
			ok: true;
			/** What the channel holds now; null = the record is gone there. */
			external: Readonly<Record<string, Exclude<Shown, undefined>>> | null;
			reasons: readonly FieldReason[];
	  }
	| { ok: false; engineDown: boolean; title: string; hint: string };

/** Asks the engine for the channel's side of a link and the decision as it would fall now. */
export async function liveLook(locals: App.Locals, entity: string, id: string): Promise<LiveLook> {
	const reply = await locals.engine.mapping(entity, id);
	if (!reply.ok) {
		return reply.unreachable
			? { ok: false, engineDown: true, title: m.look_engine_down(), hint: m.look_last_seen() }
			: {
					ok: false,
					engineDown: false,
					title: reply.problem.title,
					hint: `${reply.problem.hint} ${m.look_last_seen()}`
				};
	}
	const { external, externalProblem, decision } = reply.data;
	if (externalProblem)
		return {
			ok: false,
			engineDown: false,
			title: m.look_channel_down(),
			hint: `${externalProblem.hint} ${m.look_last_seen()}`
		};
	// The engine's own decision, which its client carries as plain JSON.
	const { reasons } = { reasons: [], ...decision } as { reasons: readonly FieldReason[] };
	return { ok: true, external: external?.fields ?? null, reasons };
}
