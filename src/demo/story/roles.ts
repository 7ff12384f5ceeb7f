/** How many records play which part, for one entity and the channel ERP. */
export type Cast = {
	inSync: number;
	/** One conflict for each field named. */
	conflicts: readonly string[];
	/** Linked, and gone in the ERP. */
	missing: number;
	/** Linked, and set aside because the ERP refuses our value. */
	refused: number;
	/** Unlinked on both sides, the first key equal. */
	exact: number;
	/** Unlinked on both sides, code respelled and another key equal. */
	probable: number;
	/** Ours unlinked, two records of the ERP share a key with it. */
	twoCandidates: number;
	onlyOurs: number;
	/** Ours, kept out of the sync by a person, each for a reason. */
	excluded: readonly string[];
	onlyTheirs: number;
};

/** 240 products ours, 200 of them linked; 236 known of the ERP, 36 of them unlinked. */
export const productCast: Cast = {
	inSync: 190,
	conflicts: ['price', 'price', 'name', 'name', 'gtin', 'description'],
	missing: 2,
	refused: 2,
	exact: 24,
	probable: 6,
	twoCandidates: 1,
	onlyOurs: 5,
	excluded: [
		'Sample for the spring fair, never sold',
		'Sold through the rental desk only',
		'Discontinued, the last pieces go to staff',
		'Spare part, kept in the workshop list'
	],
	onlyTheirs: 4
};

/** 56 partners ours, 46 of them linked; 56 known of the ERP, 10 of them unlinked. */
export const partnerCast: Cast = {
	inSync: 42,
	conflicts: ['email', 'phone'],
	missing: 1,
	refused: 1,
	exact: 5,
	probable: 2,
	twoCandidates: 1,
	onlyOurs: 1,
	excluded: ['Private customer, not kept in the ERP'],
	onlyTheirs: 1
};

/** Products that the Shop sells; all of them in sync with the ERP as well. */
export const shopProducts = 120;

/** Deals records out to the parts, in order. Throws when there are too few. */
export function deal<T>(cast: Cast, records: readonly T[]) {
	const left = [...records];
	const take = (count: number) => {
		if (left.length < count) throw new Error('the story has too few records for its cast');
		return left.splice(0, count);
	};
	return {
		inSync: take(cast.inSync),
		conflicts: take(cast.conflicts.length),
		missing: take(cast.missing),
		refused: take(cast.refused),
		exact: take(cast.exact),
		probable: take(cast.probable),
		twoCandidates: take(cast.twoCandidates),
		onlyOurs: take(cast.onlyOurs),
		excluded: take(cast.excluded.length),
		onlyTheirs: take(cast.onlyTheirs)
	};
}
