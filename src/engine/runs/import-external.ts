import type { LinkProblem } from '#src/entities/map-table.ts';
import { refusalWords } from '#src/store/postgres-error.ts';
import type { SeenRecord } from '#src/store/record-page.ts';
import type { AwaitingRow } from '#src/store/save-awaiting.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import { heldTarget } from '#src/sync/held-target.ts';
import { isOurReference } from '#src/sync/own-reference.ts';
import { epochMicros, isoFromMicros } from '#src/sync/settle.ts';
import type { ExternalRecord } from '../connectors/connector.ts';
import { carriedFields } from './carried-fields.ts';
import { awaitingOf, carriedOver, lookUpReferences } from './references.ts';
import { readInTime } from './read-in-time.ts';
import { limitsOf, type RunContext } from './run-context.ts';

/** `awaiting`: what could not be imported because it points to records without a link. `left`: what was not looked at in time. */
export type Imported = { awaiting: AwaitingRow[]; left: readonly SeenRecord[] };

/**
 * Creates records of ours from new ones of the channel, each from a direct read and with its link in one transaction. `sendBy`
 * counts from before the records were seen to be free: one of them may be linked and unlinked again while this process stands still.
 */
export async function importExternal(
	run: RunContext,
	records: readonly SeenRecord[],
	sendBy: number
): Promise<Imported> {
	const { ports, channel, entity, resource } = run;
	const awaiting: AwaitingRow[] = [];
	const size = resource.capabilities.pageSize;
	for (let start = 0; start < records.length; start += size) {
		const keys = records.slice(start, start + size).map(({ externalId, variantId }) => ({ id: externalId, variantId }));
		const read = await readInTime(run, keys, sendBy);
		if (read === null) return { awaiting, left: records.slice(start) };
		const references = await lookUpReferences(
			{ store: ports.store, channelId: channel.id, entity, resource },
			[],
			read.map(({ fields }) => fields)
		);
		for (const record of read) {
			if (isOurReference(channel.installationKey, record.reference)) continue;
			const { fields, awaiting: unlinked } = carriedOver(resource, references, 'external', internalFields(run, record));
			const owner = { owner: 'external' as const, ownerId: record.id, variantId: record.variantId };
			awaiting.push(...awaitingOf(channel.name, references, unlinked).map((one) => ({ ...owner, ...one })));
			const objection = entity.objection?.(fields) ?? null;
			const problem = objection ?? (unlinked.length === 0 ? await importOne(run, record, fields) : null);
			if (problem) awaiting.push({ ...owner, ...heldBy(entity.name, record, problem) });
			if (run.held.has('creates')) return { awaiting, left: [] };
		}
	}
	return { awaiting, left: [] };
}

/** A record that must be put right at the channel first waits for itself; its next change there has it looked at again. */
function heldBy(entity: string, { id, variantId }: ExternalRecord, problem: LinkProblem) {
	const refId = variantId === '' ? id : `${id}/${variantId}`;
	return { field: problem.field ?? '', toEntity: heldTarget(entity), side: 'external' as const, refId, problem };
}

/** Returns why the record cannot be one of ours as it is; the run counts it as failed. */
async function importOne(run: RunContext, record: ExternalRecord, fields: Fields): Promise<LinkProblem | null> {
	const { ports, channel, entity, resource } = run;
	let words: string | null = null;
	const missing = entity.fields.find(({ name, required }) => required && (fields[name] ?? null) === null);
	const result = missing
		? 'incomplete'
		: await ports.store
				.importRecord({
					channelId: channel.id,
					entity,
					runId: run.run.id,
					limit: limitsOf(channel).creates,
					externalId: record.id,
					variantId: record.variantId,
					externalFields: record.fields,
					...(record.shownOnly && { externalBase: carriedFields(record) }),
					externalVersion: record.version,
					externalStamp: record.stamp,
					fields,
					changed: sourceTimes(run, record),
					codecFingerprint: resource.fingerprint
				})
				.catch((error: unknown) => {
					words = refusalWords(error);
					if (words === null) throw error;
					return 'not-storable' as const;
				});
	if (result === 'held') run.held.add('creates');
	if (result !== 'duplicate' && result !== 'incomplete' && result !== 'not-storable') return null;
	run.failures.count += 1;
	const problem = problemOf(run, fields, result, { missing: missing?.label ?? '', words: words ?? '' });
	const item = {
		linkId: null,
		internalId: null,
		externalId: record.id,
		variantId: record.variantId,
		action: 'create-internal',
		outcome: 'failed',
		fields: [],
		problem
	};
	await ports.store.addItems({ runId: run.run.id, phase: 'create', items: [item], counts: { failed: 1 } });
	return { ...problem, ...(missing && { field: missing.name }) };
}

/** `missing`: the label of what the record does not have. `words`: those of the application that keeps our records. */
function problemOf(
	run: RunContext,
	fields: Fields,
	result: 'duplicate' | 'incomplete' | 'not-storable',
	{ missing, words }: { missing: string; words: string }
): LinkProblem {
	if (result === 'duplicate') return duplicateOf(run, fields);
	if (result === 'incomplete')
		return {
			kind: 'incomplete',
			message: `The record has no ${missing}.`,
			hint: 'Complete it at the channel; it is then taken over by itself.'
		};
	return run.entity.source
		? {
				kind: 'rejected',
				message: words,
				hint: 'The application that keeps our records refused it. Once it is changed at the channel it is tried again.'
			}
		: {
				kind: 'rejected',
				message: 'A value of the record is too large or too long for ours.',
				hint: 'Shorten it at the channel; the record is then taken over by itself.'
			};
}

/** A record of ours is in the way: it has the code, or is the same by what it points to. */
function duplicateOf({ entity }: RunContext, fields: Fields): LinkProblem {
	const message = entity.keyFields
		? `We have a ${entity.label.one.toLowerCase()} for what it points to already.`
		: `Our code "${String(fields['value'])}" is in use by another record.`;
	const hint = entity.keyFields
		? 'Link the two by hand.'
		: 'Link the two by hand, or change the code at the channel; the record is then taken over by itself.';
	return { kind: 'duplicate', message, hint };
}

function internalFields(run: RunContext, record: ExternalRecord): Fields {
	const known = new Set(run.entity.fields.map(({ name }) => name));
	const fields: Record<string, Value> = {};
	for (const { name } of run.resource.fields)
		if (known.has(name) && record.fields[name] !== undefined) fields[name] = record.fields[name];
	if (fields['is_active'] === undefined) fields['is_active'] = true;
	return fields;
}

/** A value taken over keeps its source's time. */
function sourceTimes(run: RunContext, record: ExternalRecord): Record<string, string> {
	const clock = run.clocks.channelAgainstDatabase(run.channel.id);
	const micros = record.stamp === null ? null : epochMicros(record.stamp);
	if (!clock || micros === null) return {};
	const source = isoFromMicros(micros - BigInt(Math.round(clock.offsetMs * 1000)));
	return Object.fromEntries(run.resource.fields.map(({ name }) => [name, source]));
}
