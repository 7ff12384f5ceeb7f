import type { CallOptions, ExternalKey, ExternalRecord, UpdateInput, WriteReply } from '../connectors/connector.ts';
import { ConnectorError } from '../connectors/error.ts';
import { sameRecord } from './link-commits.ts';
import type { PlannedLink } from './plan-link.ts';
import type { RunContext } from './run-context.ts';

/** Calls of one channel in flight at a time. */
const concurrency = 4;

/** What became of a write; `readBack` is what the channel showed afterwards, where its reply did not. */
export type Sent =
	{ kind: 'written'; reply: WriteReply; readBack: ExternalRecord | null } | { kind: 'failed'; error: ConnectorError };

/** Sends writes that are stored as pending, in as few calls as the channel takes; none leaves after `sendBy`. */
export async function transmit(
	run: RunContext,
	plans: readonly PlannedLink[],
	sendBy: number
): Promise<ReadonlyMap<PlannedLink, Sent>> {
	const options = { signal: run.signal, sendBy };
	const outcomes = await inParallel(callsFor(run, plans), concurrency, (some) => sendSome(run, some, options));
	return new Map(outcomes.flatMap((sent) => [...sent]));
}

/** The plans of each call. What has to be read right before it is written goes alone. */
function callsFor(run: RunContext, plans: readonly PlannedLink[]): (readonly PlannedLink[])[] {
	const { updateTogether: joint } = run.resource;
	if (!joint) return plans.map((plan) => [plan]);
	const together = plans.filter(
		(plan) => plan.external !== null && !isUnguarded(run, plan) && joint.takes(plan.action.push)
	);
	const alone = plans.filter((plan) => !together.includes(plan));
	const calls = Array.from({ length: Math.ceil(together.length / joint.most) }, (_, at) =>
		together.slice(at * joint.most, (at + 1) * joint.most)
	);
	return [...calls, ...alone.map((plan) => [plan])];
}

/** Whether a change there that nobody looked at would be overwritten. What is sent whatever is there has none to lose. */
function isUnguarded({ resource }: RunContext, { action }: PlannedLink): boolean {
	if (resource.capabilities.precondition.kind !== 'none') return false;
	return resource.fields.some(({ name, latest }) => name in action.push && !latest);
}

/** One refused write refuses all of its call: it is found by halving, and costs only itself. */
async function sendSome(
	run: RunContext,
	plans: readonly PlannedLink[],
	options: CallOptions
): Promise<Map<PlannedLink, Sent>> {
	const [first] = plans;
	if (first && plans.length === 1) return new Map([[first, await send(run, first, options)]]);
	try {
		return await sendTogether(run, plans, options);
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		if (!refusals.has(error.kind)) return new Map(plans.map((plan) => [plan, { kind: 'failed', error }]));
		const middle = Math.ceil(plans.length / 2);
		const sent = await sendSome(run, plans.slice(0, middle), options);
		return new Map([...sent, ...(await sendSome(run, plans.slice(middle), options))]);
	}
}

const refusals: ReadonlySet<string> = new Set(['conflict', 'missing', 'rejected', 'duplicate']);

async function sendTogether(
	run: RunContext,
	plans: readonly PlannedLink[],
	options: CallOptions
): Promise<Map<PlannedLink, Sent>> {
	const { resource } = run;
	const inputs = plans.map(inputOf);
	const replies = (await resource.updateTogether?.send(inputs, options)) ?? [];
	const untold = inputs.filter((_, at) => {
		const reply = replies[at];
		return !(reply instanceof ConnectorError) && !reply?.fields;
	});
	const shown = await readBack(run, untold, options);
	return new Map(
		plans.map((plan, at): [PlannedLink, Sent] => {
			const reply = replies[at] ?? { version: null, stamp: null, fields: null };
			if (reply instanceof ConnectorError) return [plan, { kind: 'failed', error: reply }];
			const { externalId, variantId } = plan.link;
			const back = shown.find((record) => record.id === externalId && record.variantId === variantId) ?? null;
			return [plan, { kind: 'written', reply, readBack: back }];
		})
	);
}

async function send(run: RunContext, plan: PlannedLink, options: CallOptions): Promise<Sent> {
	const { resource } = run;
	const { external } = plan;
	const input = inputOf(plan);
	try {
		if (!resource.update || !external)
			throw new ConnectorError('misconfigured', { hint: 'This channel cannot be written to.' });
		if (isUnguarded(run, plan)) await requireUnmoved(run, input, external, options);
		const reply = await resource.update(input, options);
		const [back = null] = reply.fields === null ? await readBack(run, [input], options) : [];
		return { kind: 'written', reply, readBack: back };
	} catch (error) {
		if (error instanceof ConnectorError) return { kind: 'failed', error };
		throw error;
	}
}

function inputOf({ link, external, action }: PlannedLink): UpdateInput {
	const { externalId: id, variantId } = link;
	return { id, variantId, version: external?.version ?? null, fields: action.push };
}

/** Where the channel has no precondition, the smallest window there is: read once more, right before the write. */
async function requireUnmoved(
	run: RunContext,
	{ id, variantId }: ExternalKey,
	gathered: ExternalRecord,
	options: CallOptions
): Promise<void> {
	const [fresh] = await run.resource.read([{ id, variantId }], options);
	if (!fresh) throw new ConnectorError('missing', { hint: 'The record is gone at the channel.' });
	if (!sameRecord(fresh, gathered, run.resource.fields)) {
		throw new ConnectorError('conflict', { hint: 'The record changed at the channel right before the write.' });
	}
}

/**
 * What the channel holds after writes whose reply did not say; nothing where even that is not to be had in their own
 * window: the links may be gone by now.
 */
async function readBack(
	run: RunContext,
	keys: readonly ExternalKey[],
	options: CallOptions
): Promise<readonly ExternalRecord[]> {
	if (keys.length === 0) return [];
	try {
		const wanted = keys.map(({ id, variantId }) => ({ id, variantId }));
		return await run.resource.read(wanted, options);
	} catch (error) {
		if (error instanceof ConnectorError) return [];
		throw error;
	}
}

async function inParallel<T, R>(inputs: readonly T[], lanes: number, work: (input: T) => Promise<R>): Promise<R[]> {
	const results: R[] = [];
	const waiting = [...inputs];
	const lane = async () => {
		for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) results.push(await work(input));
	};
	await Promise.all(Array.from({ length: Math.min(lanes, inputs.length) }, lane));
	return results;
}
