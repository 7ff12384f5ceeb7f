import type { EntityField } from '#src/entities/entity.ts';
import { isConfirmedBase } from '#src/sync/confirm.ts';
import { canonical, type Fields, type Value } from '#src/sync/fields.ts';
import { isPointing } from '#src/sync/reference.ts';

/** One field of a link: what each side holds, and what each held when they last agreed. */
export type ComparedField = {
	name: string;
	label: string;
	type: string;
	/** undefined = not known. */
	ours: Value | undefined;
	theirs: Value | undefined;
	/** undefined = never agreed. */
	base: Value | undefined;
	/** What the channel held then, where it keeps the value in its own way (rounded, shortened). */
	baseTheirs: Value | undefined;
	/** The two sides differ, as far as the last look tells. */
	differs: boolean;
};

export type Sides = { internal: Fields; external: Fields; baseInternal: Fields | null; baseExternal: Fields | null };

/**
 * Both sides of a link, field by field. Where they agreed once, a field differs when a side left what it held then; so a
 * value that the channel keeps in its own way does not count. Fields that neither side shows, and codes and names that follow
 * from what a record points to, are left out.
 */
export function compareSides(fields: readonly EntityField[], at: Sides): ComparedField[] {
	return fields.flatMap(({ name, label, type, derived, confirm }) => {
		if (typeof derived === 'string') return [];
		const ours = at.internal[name];
		const theirs = at.external[name];
		if (ours === undefined && theirs === undefined) return [];
		const base = at.baseInternal?.[name];
		const kept = at.baseExternal?.[name];
		// Until the next run takes what a person confirmed, it stands there.
		const baseTheirs = confirm && isConfirmedBase(kept) ? undefined : kept;
		const same = (one: Value | undefined, other: Value | undefined) =>
			one !== undefined && other !== undefined && canonical(type, one) === canonical(type, other);
		const agreed = same(ours, theirs) || (same(base, ours) && same(baseTheirs, theirs));
		// Two raw ids that were never compared tell nothing.
		const untold = isPointing(type) && base === undefined && ours !== null && theirs !== null;
		const differs = ours !== undefined && theirs !== undefined && !agreed && !untold;
		return [
			{ name, label, type, ours, theirs, base, baseTheirs: same(base, baseTheirs) ? undefined : baseTheirs, differs }
		];
	});
}

/** The fields on which the two sides differ, as far as the last look tells. */
export function differingFields(fields: readonly EntityField[], at: Sides): ComparedField[] {
	return compareSides(fields, at).filter(({ differs }) => differs);
}
