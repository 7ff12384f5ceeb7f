import type { Hook } from '@hono/zod-openapi';
import type { ApiEnv } from './access.ts';
import { ProblemError } from './problem.ts';

const places: Readonly<Record<string, string>> = { param: 'path', query: 'query', json: 'body', header: 'header' };

/** Turns input that does not fit into a 400 that names the first wrong field. */
export const rejectInvalid: Hook<unknown, ApiEnv, string, void> = (result) => {
	if (result.success) return;
	const [issue] = result.error.issues;
	const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
	const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.');
	const field = path === '' ? (places[result.target] ?? result.target) : path;
	const what = unknown === undefined ? (issue?.message ?? 'does not fit') : 'is not known here';
	throw new ProblemError(
		400,
		'invalid',
		`${field}: ${what}`,
		`Correct "${field}" in the ${places[result.target] ?? result.target}; /openapi.json says what is allowed.`,
		{ field }
	);
};
