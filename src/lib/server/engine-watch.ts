/** Whether the sync engine answers, asked at most every few seconds. */
export type EngineWatch = { reachable(): Promise<boolean> };

const freshMs = 3_000;
const timeoutMs = 1_500;

/** Asks the engine's /health; concurrent callers share one question. */
export function watchEngine(url: string, fetcher: typeof fetch = fetch): EngineWatch {
	let last: { at: number; answer: Promise<boolean> } | undefined;
	async function ask(): Promise<boolean> {
		try {
			const reply = await fetcher(new URL('/health', url), { signal: AbortSignal.timeout(timeoutMs) });
			await reply.body?.cancel();
			return reply.ok;
		} catch {
			return false;
		}
	}
	return {
		reachable() {
			const now = performance.now();
			if (!last || now - last.at > freshMs) last = { at: now, answer: ask() };
			return last.answer;
		}
	};
}
