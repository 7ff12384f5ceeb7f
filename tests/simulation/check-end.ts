import { checkConvergence } from './checks/convergence.ts';
import { checkDeletes } from './checks/deletes.ts';
import { checkJournalReplays } from './checks/journal-replay.ts';
import { checkNewestWins } from './checks/newest-wins.ts';
import { checkNoBlackHoles, checkSetAside } from './checks/no-black-holes.ts';
import { checkNoDuplicates } from './checks/no-duplicates.ts';
import { checkNoLoss } from './checks/no-loss.ts';
import { checkChoiceStands, checkUnlinkIsFinal } from './checks/unlink-final.ts';
import { checkNothingInvented } from './checks/values.ts';
import type { Violation } from './checks/violation.ts';
import type { People } from './people.ts';
import type { World } from './world.ts';

/** Every invariant that the end of a schedule shows. */
export async function checkEnd(
	world: World,
	people: People
): Promise<{ violations: Violation[]; lostWithoutPrecondition: number }> {
	const loss = await checkNoLoss(world);
	return {
		violations: [
			...(await checkConvergence(world, people)),
			...loss.violations,
			...(await checkNoDuplicates(world, people)),
			...checkUnlinkIsFinal(world, people),
			...(await checkChoiceStands(world, people)),
			...(await checkNothingInvented(world)),
			...(await checkDeletes(world, people)),
			...(await checkNoBlackHoles(world, people)),
			...(await checkNewestWins(world, people)),
			...world.absences.violations(people.acts.restored),
			...(await checkSetAside(world)),
			...(await checkJournalReplays(world)),
			...world.counts.defects.map((what) => ({ invariant: 'defect', what }))
		],
		lostWithoutPrecondition: loss.lostWithoutPrecondition
	};
}
