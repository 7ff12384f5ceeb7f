import { z } from 'zod';

/** What `npm run connector -- check` found out about one entity. Absent = was not tried. */
const entityTrust = z.strictObject({
	/** Of two writes under one version, the second failed. */
	preconditionHonoured: z.boolean().optional(),
	/** Fields whose change was seen to move the stamp, and fields whose change was not. */
	stampMovedBy: z.array(z.string()).optional(),
	stampNotMovedBy: z.array(z.string()).optional(),
	/** Fields whose change did not move the version: a write could pass over such a change. */
	versionNotMovedBy: z.array(z.string()).optional(),
	/** Smallest step seen between stamps. */
	stampResolutionMs: z.number().min(0).optional(),
	/** A record was found by the reference that its create carried, after so long. */
	referenceFound: z.boolean().optional(),
	referenceLagMs: z.int().min(0).optional(),
	/** Two listings in small pages showed each record once, and the same ones. */
	pagingStable: z.boolean().optional(),
	/** The change feed showed a record that had just been changed. */
	changesComplete: z.boolean().optional()
});

export type EntityTrust = z.output<typeof entityTrust>;

/** The trust sheet of a channel: what its service was seen to do, so that nothing relies on what it does not. */
export const trustSheet = z.strictObject({
	checkedAt: z.iso.datetime(),
	entities: z.record(z.string(), entityTrust)
});

export type TrustSheet = z.output<typeof trustSheet>;
