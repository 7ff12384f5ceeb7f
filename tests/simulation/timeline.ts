/** A process whose events can be held up: a stall freezes all of them, a death drops them for ever. */
export type Host = { dead: boolean; frozenUntilMs: number };

type Event = { dueMs: number; order: number; host: Host | null; run: () => void | Promise<void> };

/** Virtual time and the one scheduler: whatever happens in a simulation is an event here, one at a time, in time order. */
export type Timeline = ReturnType<typeof createTimeline>;

export function createTimeline(startMs: number) {
	const heap: Event[] = [];
	let nowMs = startMs;
	let order = 0;
	let steps = 0;

	function push(event: Event): void {
		let at = heap.length;
		heap.push(event);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = heap[parent] as Event;
			if (isFirst(above, event)) break;
			heap[at] = above;
			at = parent;
		}
		heap[at] = event;
	}

	function pop(): Event {
		const first = heap[0] as Event;
		const last = heap.pop() as Event;
		const size = heap.length;
		if (size === 0) return first;
		let at = 0;
		for (;;) {
			let child = at * 2 + 1;
			if (child >= size) break;
			if (child + 1 < size && isFirst(heap[child + 1] as Event, heap[child] as Event)) child += 1;
			if (isFirst(last, heap[child] as Event)) break;
			heap[at] = heap[child] as Event;
			at = child;
		}
		heap[at] = last;
		return first;
	}

	return {
		nowMs: () => nowMs,
		steps: () => steps,
		/** Runs `run` in `delayMs`, unless its host is dead by then; later where the host is frozen. */
		after(delayMs: number, host: Host | null, run: () => void | Promise<void>): void {
			push({ dueMs: nowMs + delayMs, order: order++, host, run });
		},
		/** Lets events happen until `untilMs` or until `done` says so; every continuation has run before the next one. */
		async run(untilMs: number, done: () => boolean = () => false): Promise<void> {
			await undefined;
			while (heap.length > 0 && (heap[0] as Event).dueMs <= untilMs) {
				if (done()) return;
				const event = pop();
				const { host } = event;
				if (host?.dead) continue;
				if (host && host.frozenUntilMs > event.dueMs) {
					push({ ...event, dueMs: host.frozenUntilMs });
					continue;
				}
				nowMs = Math.max(nowMs, event.dueMs);
				steps += 1;
				const work = event.run();
				if (work) await work;
				await continuationsRun();
			}
			if (!done()) nowMs = Math.max(nowMs, untilMs);
		}
	};
}

function isFirst(one: Event, other: Event): boolean {
	return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

/** Asked for in a microtask: these run dry before the next tick, so that after it nothing is left but what waits for an event. */
function continuationsRun(): Promise<void> {
	return new Promise((resolve) => process.nextTick(resolve));
}
