import type { InternalRecord } from '#src/entities/entity.ts';
import type { Fields } from '#src/sync/fields.ts';
import { matchKeysOf } from '#src/sync/match.ts';
import { matchedFields } from '#src/sync/match-evidence.ts';
import { inScope, type SideScopes } from '#src/sync/scope.ts';
import { idsOf, keysOf, roundsAtMost } from '../read-candidates.ts';
import type { ExternalToMatch, InternalToMatch, ToMatch, ToMatchInput } from '../read-to-match.ts';
import { compareCandidates, excludedPairs, freeExternals, freeInternals, waitingOf } from './candidates.ts';
import { externalsWithKeys, internalsWithKeys } from './find-by-keys.ts';
import type { ChannelRecordRow } from './matching-tables.ts';
import { compositeKey } from './table.ts';
import type { Tables } from './tables.ts';

type Scoped = ToMatchInput & { scope: SideScopes };

/** `readToMatch` in memory. */
export function readToMatch(tables: Tables, given: ToMatchInput): ToMatch {
	const settings = tables.channelEntity(given.channelId, given.entity.name);
	const input = { ...given, scope: settings?.policy.scope ?? {} };
	const { after } = given;
	const taken = waitingOf(tables, given)
		.filter((one) => after === null || compareCandidates(one, after) > 0)
		.slice(0, given.limit);
	const ours = readInternals(tables, input, idsOf(taken));
	const theirs = readExternals(
		tables,
		input,
		new Set(keysOf(taken).map(({ id, variant }) => compositeKey(id, variant)))
	);
	const found = withCounterparts(tables, input, { taken, ours: ours.inside, theirs: theirs.inside });
	return {
		taken,
		complete: found.complete,
		internals: found.internals.map((record) => internalToMatch(input, record)),
		externals: found.externals.map((row) => externalToMatch(input, row)),
		excludedPairs: excludedPairs(
			tables,
			input,
			found.internals.map(({ id }) => id)
		),
		outside: [
			...ours.outside.map(({ id }) => ({ side: 'internal' as const, recordId: id, variantId: '' })),
			...theirs.outside.map(({ externalId, variantId }) => ({
				side: 'external' as const,
				recordId: externalId,
				variantId
			}))
		],
		match: settings?.policy.match,
		settingsRev: settings?.settingsRev ?? 0
	};
}

type Start = { taken: ToMatch['taken']; ours: InternalRecord[]; theirs: ChannelRecordRow[] };

function withCounterparts(tables: Tables, input: Scoped, start: Start) {
	const { matchKeys } = input.entity;
	const internals = [...start.ours];
	const externals = [...start.theirs];
	const askedOurs = new Set(idsOf(start.taken));
	const askedTheirs = new Set(keysOf(start.taken).map(({ id, variant }) => compositeKey(id, variant)));
	let { ours, theirs } = start;
	for (let round = 0; round < roundsAtMost; round++) {
		const keys = new Set(ours.flatMap(({ fields }) => matchKeysOf(matchKeys, fields)));
		const found = keys.size === 0 ? [] : [...externalsWithKeys(tables, input, keys)];
		const fresh = new Set(found.filter((key) => !askedTheirs.has(key)));
		for (const key of fresh) askedTheirs.add(key);
		const more = readExternals(tables, input, fresh).inside;
		externals.push(...more);
		const ids = [...theirs, ...more].flatMap((row) => internalsWithKeys(tables, input.entity, row.matchKeys));
		const freshIds = [...new Set(ids)].filter((id) => !askedOurs.has(id));
		for (const id of freshIds) askedOurs.add(id);
		ours = readInternals(tables, input, freshIds).inside;
		if (ours.length === 0) return { internals, externals, complete: true };
		internals.push(...ours);
		theirs = [];
	}
	return { internals, externals, complete: false };
}

function readInternals(tables: Tables, input: Scoped, ids: readonly string[]) {
	const free = freeInternals(tables, input, [...new Set(ids)]);
	const isInside = ({ fields }: InternalRecord) => inScope(fields, input.scope.internal);
	return { inside: free.filter(isInside), outside: free.filter((record) => !isInside(record)) };
}

function readExternals(tables: Tables, input: Scoped, keys: ReadonlySet<string>) {
	const free =
		keys.size === 0 ? [] : freeExternals(tables, input, (row) => keys.has(compositeKey(row.externalId, row.variantId)));
	const isInside = ({ fields }: ChannelRecordRow) => inScope(fields, input.scope.external);
	return { inside: free.filter(isInside), outside: free.filter((row) => !isInside(row)) };
}

function internalToMatch(input: Scoped, { id, fields }: InternalRecord): InternalToMatch {
	return { internalId: id, fields: texts(input, fields) };
}

function externalToMatch(
	input: Scoped,
	{ externalId, variantId, reference, fields }: ChannelRecordRow
): ExternalToMatch {
	return { externalId, variantId, reference, fields: texts(input, fields) };
}

function texts({ entity }: Scoped, fields: Fields): Fields {
	return Object.fromEntries(
		matchedFields(entity.matchKeys).map((name) => {
			const value = fields[name] ?? null;
			return [name, value === null ? null : String(value)];
		})
	);
}
