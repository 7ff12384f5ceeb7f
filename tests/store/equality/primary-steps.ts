import { here, person, settingsRev } from './person-steps.ts';
import type { Maker } from './run-steps.ts';

/** Calls about which of several links of a record is the main one. */
export const primarySteps: Readonly<Record<string, Maker>> = {
	makePrimary: (view) => {
		const further = view.rows(view.definition.mapNames.table, (row) => row['is_primary'] === false);
		if (further.length > 0)
			return person('makePrimary', { entity: view.entity, linkId: view.idOf(view.random.pick(further)) });
		// Rare by chance alone: what it needs is made first.
		const { internalId, linkId } = view.link();
		if (view.random.chance(0.2)) return person('makePrimary', { entity: view.entity, linkId });
		if (view.rows('c_channel_entity', view.here)[0]?.['allow_secondary'] === true)
			return person('linkRecords', { ...here(view), internalId, ...view.external(), isPrimary: false, override: true });
		return person('saveChannelEntity', {
			...here(view),
			settingsRev: settingsRev(view),
			policy: {},
			allowSecondary: true
		});
	}
};
