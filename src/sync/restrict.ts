import type { Action, ActionKind } from './decide.ts';

/**
 * Takes out of an action what a direction that is still `watching` may not do. What is left out is neither journaled
 * nor counted as settled: it is decided again when the direction goes live.
 */
export function restrict(action: Action, live: { push: boolean; pull: boolean }): { action: Action; waiting: boolean } {
	if (action.kind === 'none' || action.kind === 'conflict' || action.kind === 'orphan')
		return { action, waiting: false };
	const push = live.push ? action.push : {};
	const pull = live.pull ? action.pull : {};
	const waiting =
		Object.keys(push).length < Object.keys(action.push).length ||
		Object.keys(pull).length < Object.keys(action.pull).length;
	if (!waiting) return { action, waiting };
	const settled = action.settled.filter(({ winner }) => (winner === 'internal' ? live.push : live.pull));
	return { action: { ...action, kind: kindOf(action, push, pull), push, pull, settled }, waiting };
}

function kindOf(action: Action, push: object, pull: object): ActionKind {
	const pushes = Object.keys(push).length > 0;
	const pulls = Object.keys(pull).length > 0;
	if (pushes && pulls) return 'merge';
	if (pushes) return 'push';
	if (pulls) return 'pull';
	return action.asked.length > 0 ? 'conflict' : 'none';
}
