import type { Store } from '#src/store/store.ts';
import { isoFromMicros } from '#src/sync/settle.ts';
import { tokenOf } from './ledger.ts';

/** Which values each link's two sides were on record to agree on, at any time: what a commit said, read off as it passes. */
export type Agreements = {
	/** The store, watched. */
	watch(store: Store): Store;
	/** Whether they had agreed on the value before that moment of the database's clock (ISO text). */
	agreedBefore(at: string, entity: string, linkId: string, field: string, token: number): boolean;
};

/** `nowMicros`: the database's clock. */
export function createAgreements(nowMicros: () => bigint): Agreements {
	const since = new Map<string, string>();
	const key = (entity: string, linkId: string, field: string, token: number) => `${entity} ${linkId} ${field} ${token}`;
	return {
		watch: (store) => ({
			...store,
			async commitLinks(input) {
				const result = await store.commitLinks(input);
				for (const { linkId, bases, unconfirmed } of input.rows) {
					if (!result.applied.has(linkId)) continue;
					for (const [field, value] of Object.entries(bases.external)) {
						const token = tokenOf(value);
						if (token === null || unconfirmed.includes(field)) continue;
						if (tokenOf(bases.internal[field]) !== token) continue;
						const at = key(input.entity.name, linkId, field, token);
						if (!since.has(at)) since.set(at, isoFromMicros(nowMicros()));
					}
				}
				return result;
			}
		}),
		agreedBefore: (at, entity, linkId, field, token) => (since.get(key(entity, linkId, field, token)) ?? '9') < at
	};
}
