import { person } from './person-steps.ts';
import type { Maker } from './run-steps.ts';

/** Calls that bring a missing side back: of a link, most of the time one that lost a side. */
export const restoreSteps: Readonly<Record<string, Maker>> = {
	restoreRecord: (view) => {
		const orphan = view.oneOf(
			view.definition.mapNames.table,
			({ status }) => view.random.chance(0.1) || status === 'orphan'
		);
		return person('restoreRecord', { entity: view.entity, linkId: view.idOf(orphan) });
	}
};
