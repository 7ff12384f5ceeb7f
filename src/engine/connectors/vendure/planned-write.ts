import type { WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';

/** A field of Mutation with its arguments: the types by which they are declared, and their values. */
export type Mutation = {
	field: string;
	types: Readonly<Record<string, string>>;
	values: Readonly<Record<string, unknown>>;
	/** What is asked of its answer. */
	selection: string;
};

/** The write of one record, as a value: nothing is sent yet. */
export type PlannedWrite = {
	/** One after the other, each a transaction of its own there; with several, the write is never among others. */
	mutations: readonly Mutation[];
	/** What the answer to the last of them means. Throws what a write may throw. Absent = it tells nothing: the engine reads. */
	replyOf?(answer: unknown): WriteReply;
	/** Never among others: without its answer nobody knows what became of it, and Vendure keeps that back where another one fails. */
	alone?: true;
};

/** What a write could not tell: the engine reads it. */
export const untold: WriteReply = { version: null, stamp: null, fields: null };

/** The plan of each, in their order; the reason where one cannot be written. */
export async function planEach<Input>(
	inputs: readonly Input[],
	plan: (input: Input) => PlannedWrite | Promise<PlannedWrite>
): Promise<(PlannedWrite | ConnectorError)[]> {
	const plans: (PlannedWrite | ConnectorError)[] = [];
	for (const input of inputs) {
		try {
			plans.push(await plan(input));
		} catch (error) {
			if (!(error instanceof ConnectorError)) throw error;
			plans.push(error);
		}
	}
	return plans;
}
