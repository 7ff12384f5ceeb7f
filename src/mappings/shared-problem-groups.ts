import type { Db } from '#src/db/client.ts';
import { problemGroups, type ProblemGroup, type Troubled } from './list-problems.ts';

const freshMs = 2_000;

type Counted = { atMs: number; mark: string; groups: Promise<ProblemGroup[]> };
type Asked = { channelId: string | null; troubled: Troubled };

/** `problemGroups`, shared by those who look at the same time. */
export type SharedProblemGroups = { of(asked: Asked): Promise<ProblemGroup[]> };

/**
 * One per process: each look at thousands of problems reads every one of them for its cause, so pages that ask within two
 * seconds share one count, unless a problem came or went meanwhile.
 */
export function sharedProblemGroups({ db, nowMs }: { db: Db; nowMs: () => number }): SharedProblemGroups {
	const counted = new Map<string | null, Counted>();
	return {
		of({ channelId, troubled }) {
			const now = nowMs();
			for (const [of, { atMs }] of counted) if (now - atMs > freshMs) counted.delete(of);
			const known = counted.get(channelId);
			if (known?.mark === troubled.mark) return known.groups;
			const own = { atMs: now, mark: troubled.mark, groups: problemGroups(db, { channelId, troubled }) };
			counted.set(channelId, own);
			// What could not be counted is asked anew.
			own.groups.catch(() => counted.get(channelId) === own && counted.delete(channelId));
			return own.groups;
		}
	};
}
