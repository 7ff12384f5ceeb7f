import type { Store } from '#src/store/store.ts';
import type { SimulatedChannel } from '../channel.ts';
import type { Violation } from './violation.ts';

/** What the engine took for gone although it was there. */
export type Absences = {
	/** The store, watched. */
	watch(store: Store): Store;
	/** I8: absence is not deletion. Leaves out channels that went back in time, or gave an id anew. */
	violations(restored: ReadonlySet<string>): Violation[];
};

/** Looks at each verdict as it is stored: a later listing heals a wrong one, and hides it. */
export function createAbsences(channels: () => readonly SimulatedChannel[]): Absences {
	const found: (Violation & { channel: string })[] = [];

	function note(channelId: string, entity: string, id: string, what: string, excused = false): void {
		const channel = channels().find((each) => each.id === channelId);
		if (!channel?.memory.record(entity, id) || (excused && channel.leftOut.has(`${entity} ${id}`))) return;
		const { name } = channel.plan;
		found.push({ channel: name, invariant: 'I8', what: `${name} ${entity} ${id} is there and was ${what}` });
	}

	return {
		watch: (store) => ({
			...store,
			async commitLinks(input) {
				const result = await store.commitLinks(input);
				for (const { linkId, externalId, problem } of input.rows)
					if (problem?.kind === 'missing-external' && result.applied.has(linkId))
						note(input.channelId, input.entity.name, externalId, 'taken for deleted');
				return result;
			},
			async confirmMissing(input) {
				await store.confirmMissing(input);
				for (const { id } of input.gone)
					note(input.channelId, input.entity.name, id, 'called gone without a look at it', true);
			}
		}),
		violations: (restored) => found.filter(({ channel }) => !restored.has(channel))
	};
}
