import { entityNamed } from '#src/entities/registry.ts';
import type { AcceptExactInput, AcceptExactResult } from '../accept-exact.ts';
import { unknownEntity } from '../refusals.ts';
import { suggestedPair } from './judge-suggestion.ts';
import { linkWithin } from './link-records.ts';
import { compareIds, inIdOrder } from './table.ts';
import type { Tables } from './tables.ts';

/** `acceptExact` in memory. */
export function acceptExact(tables: Tables, input: AcceptExactInput): AcceptExactResult {
	const entity = entityNamed(input.entity);
	if (!entity) return unknownEntity(input.entity);
	const exact = [...tables.suggestionsOf(input.channelId, entity.name)].filter(
		({ id, score, ambiguous }) =>
			score === 100 && !ambiguous && compareIds(id, input.afterId) > 0 && compareIds(id, input.uptoId) <= 0
	);
	const next = inIdOrder(exact).slice(0, input.limit);
	let linked = 0;
	for (const row of next) {
		const { suggestion, ...pair } = suggestedPair(row);
		if (linkWithin(tables, { ...pair, actor: input.actor, via: input.via }, { suggestion }).ok) linked += 1;
	}
	const lastId = next.length < input.limit ? null : (next.at(-1)?.id ?? null);
	return { ok: true, linked, refused: next.length - linked, lastId };
}
