import type { CallOptions, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import type { AdminApi, MutationCall } from './admin-api.ts';
import { halfWritten } from './half-written.ts';
import { type Mutation, type PlannedWrite, untold } from './planned-write.ts';

type Outcome = WriteReply | ConnectorError;

/** Vendure takes no more than 100 kB, as it comes. */
const bytesAtOnce = 80_000;

/** Nothing was written: some of the records are the reason, or there are too many of them for this server. */
const refusals: ReadonlySet<string> = new Set(['conflict', 'missing', 'rejected', 'duplicate', 'misconfigured']);

/**
 * Sends writes in as few calls as they fit in, and answers each by itself, in their order. Vendure performs the mutations of a
 * call one after the other, each in a transaction of its own. Where it stops at one that it refuses, the next call begins behind that.
 */
export async function performWrites(
	writes: readonly PlannedWrite[],
	api: AdminApi,
	options?: CallOptions
): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	for (let rest = writes; rest.length > 0; rest = writes.slice(outcomes.length)) {
		const together = firstOf(rest);
		const [first] = rest;
		if (together.length > 0) outcomes.push(...(await performTogether(together, api, options)));
		else if (first) outcomes.push(await performAlone(first, api, options));
	}
	return outcomes;
}

type JoinedWrite = { mutation: Mutation; replyOf: PlannedWrite['replyOf'] };

/**
 * Those at the beginning that fit in one call. It has one kind of mutation: with several, Vendure takes ids in the arguments of
 * one kind for texts in those of another.
 */
function firstOf(writes: readonly PlannedWrite[]): readonly JoinedWrite[] {
	const joined: JoinedWrite[] = [];
	let bytes = 0;
	for (const { mutations, replyOf, alone } of writes) {
		const [mutation, ...others] = mutations;
		if (!mutation || others.length > 0 || alone || mutation.field !== (joined[0] ?? { mutation }).mutation.field) break;
		bytes += Buffer.byteLength(JSON.stringify(mutation));
		if (joined.length > 0 && bytes > bytesAtOnce) break;
		joined.push({ mutation, replyOf });
	}
	return joined;
}

/** A write of several steps. What fails after the first of them leaves a part of it there. */
async function performAlone(
	{ mutations, replyOf }: PlannedWrite,
	api: AdminApi,
	options?: CallOptions
): Promise<Outcome> {
	let last: Outcome = untold;
	for (const [step, mutation] of mutations.entries()) {
		[last = untold] = await performTogether([{ mutation, replyOf }], api, options);
		if (last instanceof ConnectorError) return step === 0 ? last : halfWritten(api, last);
	}
	return last;
}

/** Outcomes of the first of these, and of one at least. */
async function performTogether(
	writes: readonly JoinedWrite[],
	api: AdminApi,
	options?: CallOptions
): Promise<Outcome[]> {
	const call = callOf(writes.map(({ mutation }) => mutation));
	try {
		const { data, errors } = await api.mutate(call, options);
		const outcomes = writes.map(({ replyOf }, at) => {
			const alias = call.aliases[at] ?? '';
			return errors.get(alias) ?? (data ? meaningOf(replyOf, data[alias]) : replyOf ? answerLost(api) : untold);
		});
		const kinds = call.aliases.map((alias) => errors.get(alias)?.kind);
		// Where the session ended in the middle, the next call has a new one.
		const over = kinds.findIndex((kind, at) => at > 0 && kind === 'unauthorized');
		if (over > 0) return outcomes.slice(0, over);
		return data ? outcomes : outcomes.slice(0, 1 + kinds.findIndex((kind) => kind !== undefined));
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		const half = Math.ceil(writes.length / 2);
		const isShared = refusals.has(error.kind) && half < writes.length;
		return isShared ? performTogether(writes.slice(0, half), api, options) : writes.map(() => error);
	}
}

/** Only its answer would have said whether it was written. */
function answerLost({ from }: AdminApi): ConnectorError {
	const hint = `${from} stopped at another record of the same call and kept back its answer for this one. It will be compared again.`;
	return new ConnectorError('conflict', { hint });
}

function meaningOf(replyOf: PlannedWrite['replyOf'], answer: unknown): Outcome {
	try {
		return replyOf?.(answer) ?? untold;
	} catch (error) {
		if (error instanceof ConnectorError) return error;
		throw error;
	}
}

/** One document with all of them, each under its alias, and its variables. */
function callOf(mutations: readonly Mutation[]): MutationCall {
	const aliases = mutations.map((_, at) => `w${at}`);
	const declared: string[] = [];
	const fields: string[] = [];
	const variables: Record<string, unknown> = {};
	for (const [at, { field, types, values, selection }] of mutations.entries()) {
		const names = Object.keys(types);
		declared.push(...names.map((name) => `$${name}${at}: ${types[name]}`));
		const given = names.map((name) => `${name}: $${name}${at}`).join(', ');
		fields.push(`${aliases[at]}: ${field}(${given}) { ${selection} }`);
		for (const name of names) variables[`${name}${at}`] = values[name];
	}
	const document = `mutation ChannelMappingUpdate(${declared.join(', ')}) {\n${fields.join('\n')}\n}`;
	return { document, aliases, variables };
}
