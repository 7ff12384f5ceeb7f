import type { Auth } from '#src/auth/auth.ts';
import type { Db } from '#src/db/client.ts';
import type { Config } from './config.ts';
import type { EngineWatch } from './engine-watch.ts';
import type { SignInLimit } from './sign-in-limit.ts';

/** The singletons of hooks.server.ts, on `event.locals` of every request. */
export type Web = {
	config: Config;
	db: Db;
	auth: Auth;
	engineWatch: EngineWatch;
	signInLimit: SignInLimit;
};
