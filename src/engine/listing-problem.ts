import type { Entity } from '#src/entities/entity.ts';
import type { ConnectorError, ConnectorErrorKind } from './connectors/error.ts';

/** What a connector says of one record, and what no person can put right in a record where it is said of many. */
const ofOneRecord: readonly ConnectorErrorKind[] = ['rejected', 'missing', 'duplicate', 'conflict', 'ambiguous'];

/** What to tell people of an error that met a question for many records. */
export function listingProblem(error: ConnectorError, entity: Entity | undefined): { message: string; hint: string } {
	const { kind, reply, hint } = error;
	if (!ofOneRecord.includes(kind)) return { message: reply ?? hint, hint };
	const many = entity?.label.many.toLowerCase() ?? 'records';
	return {
		message: reply ?? `The channel refuses to show its ${many}.`,
		hint: `The channel refuses the question for its ${many}, not one of them. Check what the channel's settings ask for, and what its user may read.`
	};
}
