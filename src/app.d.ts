import type { SessionUser } from '#src/auth/auth.ts';
import type { EngineClient } from '#src/engine-client/engine-client.ts';
import type { Web } from '#src/lib/server/web.ts';
import type { Theme } from '#src/lib/theme.ts';

declare global {
	namespace App {
		interface Error {
			message: string;
			/** What a person can do about it. */
			hint?: string;
			/** 'database' = the database cannot be reached; the page then reloads itself. */
			kind?: 'database' | 'not-allowed';
		}
		/** `db`, `auth`, `config`, `syncStatus`: the singletons of hooks.server.ts. */
		interface Locals extends Web {
			/** Null only on the pages that need no sign-in. */
			user: SessionUser | null;
			/** The sync engine, asked in this person's name. */
			engine: EngineClient;
			/** IANA time zone in which this person reads times. */
			zone: string;
			theme: Theme;
			/** Whether one-key shortcuts are on. */
			shortcuts: boolean;
		}
		interface PageData {
			title?: string;
		}
	}
}

export {};
