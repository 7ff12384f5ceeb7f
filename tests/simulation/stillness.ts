/** When processes stood still. */
export type Stillness = ReturnType<typeof createStillness>;

export function createStillness() {
	const spans: { fromMs: number; untilMs: number }[] = [];
	let listener: () => void = () => {};
	return {
		/** A process stands still, as of now. */
		add(fromMs: number, untilMs: number): void {
			spans.push({ fromMs, untilMs });
			listener();
		},
		/** Whether any process stood still at some moment of this span. */
		within: (fromMs: number, untilMs: number): boolean =>
			spans.some((span) => span.fromMs <= untilMs && span.untilMs >= fromMs),
		/** Called whenever a process begins to stand still. */
		onStill: (next: () => void): void => void (listener = next)
	};
}
