import { can, roles, type Action } from '#src/auth/roles.ts';
import type { BulkKind } from '#src/store/bulk/bulk-job.ts';

const rightOf: Readonly<Record<BulkKind, Action>> = {
	unlink: 'link',
	'undo-unlink': 'link',
	accept: 'link',
	'undo-accept': 'link',
	retry: 'run',
	push: 'resolve',
	pull: 'resolve'
};

/** The right that a kind of bulk job takes. */
export function bulkRight(kind: BulkKind): Action {
	return rightOf[kind];
}

/** Whether somebody with this role may have such a job done; without an account nobody may. */
export function mayDoInBulk(role: string | null, kind: BulkKind): boolean {
	const known = roles.find((each) => each === role);
	return known !== undefined && can(known, bulkRight(kind));
}
