import { expect } from 'vitest';
import type { ExternalKey, JointUpdate, UpdateInput } from '#src/engine/connectors/connector.ts';
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

async function expectNoneWritten(
	stage: Stage,
	inputs: readonly UpdateInput[],
	kind: 'conflict' | 'missing' | 'rejected'
) {
	const [first] = inputs;
	if (!first) throw new Error('no update');
	const before = await stage.one(first);
	await stage.fails(joint(stage).send(inputs), kind);
	expect(await stage.one(first)).toEqual(before);
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
				const { version, fields } = replies[at]!;
				if (version !== null) expect(version).toBe(record.version);
				if (fields !== null) stage.expectHolds({ ...record, fields }, input.fields);
			}
		}
	},
	{
		name: 'of updates sent together none is written where one is outdated',
		optional: true,
		needs: (stage) => canJoin(stage) && stage.resource.capabilities.precondition.kind !== 'none',
		async run(stage) {
			const inputs = await twoUpdates(stage, stage.named('One'), stage.named('Two'));
			await stage.rig.edit(inputs[1]!, stage.named('Theirs'));
			await expectNoneWritten(stage, inputs, 'conflict');
		}
	},
	{
		name: 'of updates sent together none is written where one record is gone',
		optional: true,
		needs: canJoin,
		async run(stage) {
			const inputs = await twoUpdates(stage, stage.named('One'), stage.named('Two'));
			await stage.rig.remove(inputs[1]!);
			await expectNoneWritten(stage, inputs, 'missing');
		}
	},
	{
		name: 'of updates sent together none is written where one is refused',
		optional: true,
		needs: (stage) => canJoin(stage) && stage.exercise.refused !== undefined,
		async run(stage) {
			const inputs = await twoUpdates(stage, stage.named('One'), stage.exercise.refused!.fields);
			await expectNoneWritten(stage, inputs, 'rejected');
		}
	}
];
