import { redirect } from '@sveltejs/kit';
import { entities } from '#src/entities/registry.ts';
import { roleLabel } from '#src/lib/server/act.ts';
import { countWaiting } from '#src/mappings/inbox-counts.ts';
import { activeBulkJobs } from '#src/mappings/list-bulk-jobs.ts';
import { listChannelNames } from '#src/mappings/list-channels.ts';
import type { LayoutServerLoad } from './$types';

const waitingAtMost = 1000;

export const load: LayoutServerLoad = async ({ locals, depends, url }) => {
	// What waits is what waits now on each page that is gone to, and beside the same numbers on a page that keeps them fresh.
	void url.pathname;
	depends('app:active-jobs', 'app:home', 'app:inbox');
	const { user, syncStatus, db } = locals;
	if (!user) redirect(303, '/login');
	const [status, channels, waiting, jobs] = await Promise.all([
		syncStatus.statusOf(),
		listChannelNames(db),
		countWaiting(db, waitingAtMost),
		activeBulkJobs(db)
	]);
	return {
		user,
		roleLabel: roleLabel(user.role),
		engineReachable: status.reachable,
		/** The engine answers, but not us: a wrong SECRET_KEY, for instance. */
		engineProblem: status.reachable ? status.problem : null,
		/** What waits for a person, all kinds together; 1,000 = that or more. */
		waiting,
		entities: entities.map(({ name, label }) => ({ name, label: label.many, one: label.one })),
		channels,
		/** What is being done to many links just now. */
		jobs: jobs.map(({ id, kind, done, expected }) => ({ id, kind, done, expected }))
	};
};
