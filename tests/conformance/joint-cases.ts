import { expect } from 'vitest';
import type { ExternalKey, JointUpdate, UpdateInput } from '#src/engine/connectors/connector.ts';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { Case } from './exercise-connector.ts';
import type { Stage } from './stage.ts';

const joint = (stage: Stage): JointUpdate => stage.resource.updateTogether!;
const canJoin = (stage: Stage) => stage.resource.updateTogether?.takes(stage.named('Renamed')) === true;

/** Two records of their own, with the updates that write these under the versions that are there now. */
async function twoUpdates(stage: Stage, ...fields: [Fields, Fields]): Promise<UpdateInput[]> {
	const keys = await stage.seed(stage.values(), stage.values());
	await stage.settle();
	return Promise.all(
		keys.map(async (key: ExternalKey, at) => ({
			...key,
			version: (await stage.one(key)).version,
			fields: fields[at] ?? {}
		}))
	);
}

/** Where the call takes all or none, nothing is written; else the other one is, and each says what became of it. */
async function expectRefused(
	stage: Stage,
	inputs: readonly UpdateInput[],
	refused: UpdateInput,
	kind: 'conflict' | 'missing' | 'rejected'
) {
	const other = inputs.find((input) => input !== refused)!;
	const before = await stage.one(other);
	const sent = joint(stage).send(inputs);
	const outcomes = await sent.catch(() => null);
	if (outcomes === null) {
		await stage.fails(sent, kind);
		expect(await stage.one(other)).toEqual(before);
		return;
	}
	expect(outcomes).toHaveLength(inputs.length);
	await stage.fails(Promise.reject(outcomes[inputs.indexOf(refused)] as Error), kind);
	expect(outcomes[inputs.indexOf(other)]).not.toBeInstanceOf(Error);
	stage.expectHolds(await stage.one(other), other.fields);
}

/** What a connector promises that updates several records in one call. */
export const jointCases: readonly Case[] = [
	{
		name: 'updates sent together are all written, and answered one by one',
		optional: true,
		needs: canJoin,
		async run(stage) {
			const inputs = await twoUpdates(stage, stage.named('One'), stage.named('Two'));
			const replies = await joint(stage).send(inputs);
			expect(replies).toHaveLength(2);
			for (const [at, input] of inputs.entries()) {
				const record = await stage.one(input);
				stage.expectHolds(record, input.fields);
				const reply = replies[at]!;
				if (reply instanceof ConnectorError) throw reply;
				const { version, fields } = reply;
				if (version !== null) expect(version).toBe(record.version);
				if (fields !== null) stage.expectHolds({ ...record, fields }, input.fields);
			}
		}
	},
	{
		name: 'of updates sent together an outdated one is a conflict, and its record stays as it is',
		optional: true,
		needs: (stage) => canJoin(stage) && stage.resource.capabilities.precondition.kind !== 'none',
		async run(stage) {
			for (const at of [0, 1]) {
				const inputs = await twoUpdates(stage, stage.named('One'), stage.named('Two'));
				await stage.rig.edit(inputs[at]!, stage.named('Theirs'));
				await expectRefused(stage, inputs, inputs[at]!, 'conflict');
				stage.expectHolds(await stage.one(inputs[at]!), stage.named('Theirs'));
			}
		}
	},
	{
		name: 'of updates sent together one whose record is gone is missing',
		optional: true,
		needs: canJoin,
		async run(stage) {
			for (const at of [0, 1]) {
				const inputs = await twoUpdates(stage, stage.named('One'), stage.named('Two'));
				await stage.rig.remove(inputs[at]!);
				await expectRefused(stage, inputs, inputs[at]!, 'missing');
			}
		}
	},
	{
		name: 'of updates sent together one that the channel does not take is refused, and its record stays as it is',
		optional: true,
		needs: (stage) => canJoin(stage) && stage.exercise.refused !== undefined,
		async run(stage) {
			const refused = stage.exercise.refused!.fields;
			for (const at of [0, 1]) {
				const fields: [Fields, Fields] = at === 0 ? [refused, stage.named('Two')] : [stage.named('One'), refused];
				const inputs = await twoUpdates(stage, ...fields);
				const before = await stage.one(inputs[at]!);
				await expectRefused(stage, inputs, inputs[at]!, 'rejected');
				expect(await stage.one(inputs[at]!)).toEqual(before);
			}
		}
	}
];
