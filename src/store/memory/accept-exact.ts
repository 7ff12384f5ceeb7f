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
	const linkIds: string[] = [];
	for (const row of next) {
		const { suggestion, ...pair } = suggestedPair(row);
		const result = linkWithin(tables, { ...pair, actor: input.actor, via: input.via }, { suggestion });
		if (result.ok) linkIds.push(result.linkId);
	}
	const lastId = next.length < input.limit ? null : (next.at(-1)?.id ?? null);
	const jobId = linkIds.length === 0 ? input.jobId : keepForUndo(tables, input, linkIds);
	return { ok: true, linked: linkIds.length, refused: next.length - linkIds.length, lastId, jobId };
}

function keepForUndo(tables: Tables, input: AcceptExactInput, linkIds: readonly string[]): string {
	const { channelId, entity, actor, via } = input;
	const job = tables.bulkJobs.get(input.jobId ?? '');
	if (
		job?.kind === 'accept' &&
		job.startedBy === actor.name &&
		job.channelId === channelId &&
		job.entity === entity &&
		job.selection &&
		'linkIds' in job.selection
	) {
		const done = (job.counts['done'] ?? 0) + linkIds.length;
		tables.bulkJobs.replace(job, {
			...job,
			selection: { linkIds: [...job.selection.linkIds, ...linkIds] },
			expected: job.expected + linkIds.length,
			counts: { done },
			endedAt: tables.now()
		});
		return job.id;
	}
	const now = tables.now();
	return tables.bulkJobs.insert({
		id: tables.bulkJobs.nextId(),
		channelId,
		entity,
		kind: 'accept',
		selection: { linkIds },
		undoesId: null,
		reason: '',
		startedBy: actor.name,
		via,
		state: 'succeeded',
		expected: linkIds.length,
		cursorId: '0',
		counts: { done: linkIds.length },
		cancelRequested: false,
		problem: null,
		queuedAt: now,
		startedAt: now,
		heartbeatAt: null,
		endedAt: now
	}).id;
}
