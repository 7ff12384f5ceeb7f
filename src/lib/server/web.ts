import type { Auth } from '#src/auth/auth.ts';
import type { Db } from '#src/db/client.ts';
import type { createSyncStatus } from '#src/engine-client/sync-status.ts';
import type { SharedProblemGroups } from '#src/mappings/shared-problem-groups.ts';
import type { Config } from './config.ts';
import type { SignInLimit } from './sign-in-limit.ts';

/** The singletons of hooks.server.ts, on `event.locals` of every request. */
export type Web = {
	config: Config;
	db: Db;
	auth: Auth;
	/** Whether the engine answers and how its channels do, asked at most every two seconds. */
	syncStatus: ReturnType<typeof createSyncStatus>;
	/** Problems by cause, counted at most every two seconds while none comes or goes. */
	problemGroups: SharedProblemGroups;
	signInLimit: SignInLimit;
};
