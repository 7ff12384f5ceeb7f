import { z } from 'zod';
import { withLinked } from '#src/mappings/linked-runs.ts';
import { listRuns } from '#src/mappings/list-runs.ts';
import { openProblems } from '#src/mappings/problem-hours.ts';
import type { PageServerLoad } from './$types';

const filters = z.object({
	channel: z
		.string()
		.regex(/^[1-9]\d{0,17}$/)
		.optional()
		.catch(undefined),
	entity: z.string().max(64).optional().catch(undefined),
	state: z
		.enum(['queued', 'running', 'succeeded', 'partial', 'failed', 'cancelled', 'held'])
		.optional()
		.catch(undefined),
	quiet: z.literal('show').optional().catch(undefined),
	after: z.string().max(400).optional().catch(undefined)
});

export const load: PageServerLoad = async ({ locals, url }) => {
	const set = [...url.searchParams].filter(([, value]) => value !== '');
	const filter = filters.parse(Object.fromEntries(set));
	const page = await listRuns(
		locals.db,
		{
			channelId: filter.channel,
			entity: filter.entity,
			state: filter.state,
			withItemsOnly: filter.quiet === undefined
		},
		{ cursor: filter.after }
	);
	const [rows, problems] = await Promise.all([
		withLinked(locals.db, page.rows),
		openProblems(locals.db, { channelId: filter.channel })
	]);
	return { page: { ...page, rows }, filter, problems };
};
