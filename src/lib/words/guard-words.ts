import { formatBound } from '#src/lib/format.ts';
import { m } from '#src/lib/paraglide/messages.js';
import type { Tone } from '#src/lib/ui/tone.ts';

/** What keeps a write to a channel from passing over an edit that it has not seen. */
export type Guard = 'strict' | 'coarse' | 'none';

/** The guard in plain words, and what is at risk with it; `risk` empty where nothing is. */
export function guardWords(
	guard: Guard,
	settleMs: number | null,
	channel: string
): { tone: Tone; word: string; means: string; risk: string } {
	if (guard === 'strict') {
		return { tone: 'good', word: m.guard_strict(), means: m.guard_strict_means({ channel }), risk: '' };
	}
	if (guard === 'coarse') {
		const means = m.guard_coarse_means({ channel, time: formatBound(settleMs ?? 0) });
		return { tone: 'good', word: m.guard_coarse(), means, risk: m.guard_coarse_risk({ channel }) };
	}
	return {
		tone: 'warn',
		word: m.guard_none(),
		means: m.guard_none_means({ channel }),
		risk: m.guard_none_risk({ channel })
	};
}
