import { z } from 'zod';
import type { Db } from '#src/db/client.ts';
import type { Person } from '#src/store/person.ts';
import type { Refusal } from '#src/store/refusal.ts';
import * as store from '#src/store/resolve-many.ts';
import { conflictsAtOnce } from './conflicts-now.ts';
import { entityName, guarded, id, text } from './guarded.ts';

const batchSize = 200;
const choice = z.object({
	entity: entityName,
	conflictId: id,
	winner: z.enum(['internal', 'external'], 'choose one of the two sides'),
	seen: text(40)
});

export type ResolveManyInput = Person & { rows: readonly (store.ConflictChoice & { entity: string })[] };
export type ResolveManyResult = { ok: true; resolved: number; refused: string[] } | Refusal;

/**
 * Settles up to 5,000 conflicts of any links and entities, 200 a transaction. `refused`: ids of those whose values moved since
 * they were seen, or that are settled already; they stay as they are. A refusal ends it between two batches.
 */
export const resolveMany = guarded(
	'resolve',
	{
		rows: z
			.array(choice)
			.min(1, 'choose a value for at least one field')
			.max(conflictsAtOnce, `at most ${conflictsAtOnce}`)
	},
	inBatches
);

async function inBatches(db: Db, { rows, actor, via }: ResolveManyInput): Promise<ResolveManyResult> {
	let resolved = 0;
	const refused: string[] = [];
	for (const entity of new Set(rows.map((row) => row.entity))) {
		const of = rows.filter((row) => row.entity === entity);
		for (let at = 0; at < of.length; at += batchSize) {
			const result = await store.resolveMany(db, { entity, rows: of.slice(at, at + batchSize), actor, via });
			if (!result.ok) return result;
			resolved += result.resolved;
			refused.push(...result.refused.map(({ conflictId }) => conflictId));
		}
	}
	return { ok: true, resolved, refused };
}
