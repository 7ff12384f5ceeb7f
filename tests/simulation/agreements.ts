import type { Store } from '#src/store/store.ts';
import { isoFromMicros } from '#src/sync/settle.ts';
import { tokenOf } from './ledger.ts';

/** Which value each link's two sides were on record to agree on, and when: what a commit said, read off as it passes. */
export type Agreements = {
	/** The store, watched. */
	watch(store: Store): Store;
	/** The token on which they agreed last before that moment of the database's clock (ISO text); null for none. */
	lastBefore(at: string, entity: string, linkId: string, field: string): number | null;
};

/** `nowMicros`: the database's clock. */
export function createAgreements(nowMicros: () => bigint): Agreements {
	const known = new Map<string, { at: string; token: number }[]>();
	return {
		watch: (store) => ({
			...store,
			async commitLinks(input) {
				const result = await store.commitLinks(input);
				const at = isoFromMicros(nowMicros());
				for (const { linkId, bases, unconfirmed } of input.rows) {
					if (!result.applied.has(linkId)) continue;
					for (const [field, value] of Object.entries(bases.external)) {
						const token = tokenOf(value);
						if (token === null || unconfirmed.includes(field) || tokenOf(bases.internal[field]) !== token) continue;
						const key = `${input.entity.name} ${linkId} ${field}`;
						const earlier = known.get(key);
						if (earlier) earlier.push({ at, token });
						else known.set(key, [{ at, token }]);
					}
				}
				return result;
			}
		}),
		lastBefore: (at, entity, linkId, field) =>
			known.get(`${entity} ${linkId} ${field}`)?.findLast((agreed) => agreed.at < at)?.token ?? null
	};
}
