/** One of our records and one of a channel's. */
export type PairKey = { internalId: string; externalId: string; variantId: string };

/** The pair as one text, to tell it from others. */
export function pairText({ internalId, externalId, variantId }: PairKey): string {
	return JSON.stringify([internalId, externalId, variantId]);
}

/** A channel's record as one text, to tell it from others of the channel. */
export function externalText({ externalId, variantId }: Omit<PairKey, 'internalId'>): string {
	return variantId === '' ? JSON.stringify(externalId) : JSON.stringify([externalId, variantId]);
}
