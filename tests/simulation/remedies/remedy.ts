import type { ChannelPlan } from '../plan.ts';

/** One safety rule of the protocol, and what its one place looks like without it. */
export type Remedy = {
	name: string;
	/** What the rule does, in one line. */
	does: string;
	/** The source file that holds it, from the root of the project. */
	file: string;
	/** Text that occurs exactly once in the file. */
	find: string;
	/** What stands there instead when the rule is taken out. */
	replace: string;
	/** The failures that the rule answers: F1 to F54. */
	failures: readonly string[];
	/** Channels where the rule has something to do: schedules without any are not played. Absent: everywhere. */
	matters?: (channel: ChannelPlan) => boolean;
	/** The test file that turns red without the rule, where no schedule found so far does. */
	heldBy?: string;
	/** Why no schedule catches its absence, where none does. */
	argument?: string;
};
