/**
 * Two lanes, one task in each. `patient` ones stand beside others, as long as there are both; `after` names what must be done
 * before, where it is among the tasks.
 * @typedef {{ name: string, patient?: true, after?: string[] }} Task
 */

/**
 * Does all tasks: a lane that gets free takes the first one that may begin, rather one that suits what is under way in the other.
 * Answers what each came to, in the order of the tasks. What still waits when `over` becomes true is left out.
 * @template {Task} T
 * @template Result
 * @param {readonly T[]} tasks
 * @param {(task: T) => Promise<Result>} work
 * @param {() => boolean} [over]
 * @returns {Promise<Result[]>}
 */
export async function inLanes(tasks, work, over = () => false) {
	/** @type {Set<T>} */
	const waiting = new Set(tasks);
	/** @type {Map<T, Promise<void>>} */
	const running = new Map();
	/** @type {Map<T, Result>} */
	const results = new Map();
	while (waiting.size > 0 || running.size > 0) {
		if (over()) waiting.clear();
		const next = running.size < 2 ? firstOf(waiting, [...running.keys()]) : undefined;
		if (next) {
			waiting.delete(next);
			const ended = work(next).then((result) => void results.set(next, result));
			running.set(
				next,
				ended.finally(() => running.delete(next))
			);
		} else if (running.size > 0) await Promise.race(running.values());
		else if (waiting.size > 0) throw new Error(`nothing may begin: ${[...waiting].map(({ name }) => name).join(', ')}`);
	}
	return tasks.flatMap((task) => (results.has(task) ? [/** @type {Result} */ (results.get(task))] : []));
}

/**
 * @template {Task} T
 * @param {Set<T>} waiting
 * @param {T[]} running
 * @returns {T | undefined}
 */
function firstOf(waiting, running) {
	const open = new Set([...waiting, ...running].map(({ name }) => name));
	const ready = [...waiting].filter(({ after = [] }) => !after.some((name) => open.has(name)));
	return ready.find(({ patient }) => running.every((other) => other.patient !== patient)) ?? ready[0];
}
