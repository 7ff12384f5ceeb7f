import { expect } from 'vitest';
import type { ExternalKey, ExternalRecord } from '#src/engine/connectors/connector.ts';
import type { Fields, Value } from '#src/sync/fields.ts';
import type { Case } from './exercise-connector.ts';
import type { Stage } from './stage.ts';

const canUpdate = (stage: Stage) => stage.resource.update !== undefined;
const canCompare = (stage: Stage) => canUpdate(stage) && stage.resource.capabilities.precondition.kind !== 'none';

/** Writes under the version that is there now. */
async function write(stage: Stage, key: ExternalKey, fields: Fields) {
	await stage.settle();
	const { version } = await stage.one(key);
	return stage.resource.update!({ ...key, version, fields });
}

async function expectKeeps(stage: Stage, field: string, values: readonly Value[]) {
	const key = await stage.seedOne();
	for (const value of values) {
		const normal = stage.normal(field, value);
		expect(stage.normal(field, normal), `normal of ${String(value)} is stable`).toEqual(normal);
		await write(stage, key, { [field]: value });
		stage.expectHolds(await stage.one(key), { [field]: value });
	}
}

const decimals = ['12.50', '0.30000000000000004', '0.3', '1.005', '2.675', '1234567890123.123456', '0', '0.10'];

const texts = [
	'Zelt „Nordkapp“ ÄÖÜß, 2 m²',
	'e\u0301toile, \u{1F3D5}\uFE0F \u{1F468}\u200D\u{1F469}\u200D\u{1F467}, 帐篷, خيمة',
	'"quoted" \'single\' <b>&amp;</b> \\ back / %20 {"json":1}',
	'two\nlines',
	'a'.repeat(3000)
];

export const writingCases: readonly Case[] = [
	{
		name: 'update writes exactly the given fields',
		needs: canUpdate,
		async run(stage) {
			const key = await stage.seedOne();
			const before = await stage.one(key);
			const told = ({ fields }: ExternalRecord) =>
				stage.resource.fields.flatMap(({ name, readOnly, normal }) =>
					readOnly ? [] : [[name, normal(fields[name] ?? null)]]
				);
			await write(stage, key, stage.named('Renamed'));
			const after = await stage.one(key);
			expect(told(after)).toEqual(told({ ...before, fields: { ...before.fields, ...stage.named('Renamed') } }));
			expect(after.reference).toBe(before.reference);
		}
	},
	{
		name: 'update keeps decimals exact',
		needs: (stage) => canUpdate(stage) && stage.exercise.fields.price !== undefined,
		run: (stage) => expectKeeps(stage, stage.exercise.fields.price!, decimals)
	},
	{
		name: 'update keeps long and foreign text',
		needs: (stage) => canUpdate(stage) && stage.exercise.fields.text !== undefined,
		run: (stage) => expectKeeps(stage, stage.exercise.fields.text!, texts)
	},
	{
		name: 'update clears a field with null',
		needs: (stage) => canUpdate(stage) && stage.exercise.fields.text !== undefined,
		run: (stage) => expectKeeps(stage, stage.exercise.fields.text!, ['something', null])
	},
	{
		name: 'update archives a record and takes it back',
		needs: (stage) => canUpdate(stage) && stage.exercise.fields.active !== undefined,
		run: (stage) => expectKeeps(stage, stage.exercise.fields.active!, [false, true])
	},
	{
		name: 'normal is stable and knows what the channel keeps of a code and a name',
		needs: (stage) => canUpdate(stage) && !stage.exercise.keyed,
		async run(stage) {
			const { code, name } = stage.exercise.fields;
			await expectKeeps(stage, name, ['  outer space ', 'Two  spaces', 'MiXed']);
			await expectKeeps(stage, code, [`lower${Date.now()}`, `Ünïcode${Date.now()}`]);
		}
	},
	{
		name: 'update under an outdated version is a conflict and writes nothing',
		needs: canCompare,
		async run(stage) {
			const key = await stage.seedOne();
			const { version } = await stage.one(key);
			expect(version).not.toBeNull();
			await stage.settle();
			await stage.rig.edit(key, stage.named('Theirs'));
			const theirs = await stage.one(key);
			await stage.fails(stage.resource.update!({ ...key, version, fields: stage.named('Ours') }), 'conflict');
			expect(await stage.one(key)).toEqual(theirs);
		}
	},
	{
		name: 'every write moves the version',
		needs: canCompare,
		async run(stage) {
			const key = await stage.seedOne();
			const { version } = await stage.one(key);
			await write(stage, key, stage.named('Renamed'));
			expect((await stage.one(key)).version).not.toBe(version);
		}
	},
	{
		name: 'what the reply of an update reports is what a read then shows',
		needs: canUpdate,
		async run(stage) {
			const key = await stage.seedOne();
			const reply = await write(stage, key, stage.named('Reported'));
			const record = await stage.one(key);
			expect([null, record.version]).toContain(reply.version);
			expect([null, record.stamp]).toContain(reply.stamp);
			if (reply.fields) expect(record.fields).toMatchObject(reply.fields);
			stage.expectHolds(record, stage.named('Reported'));
		}
	},
	{
		name: 'update without a version is not checked',
		needs: canUpdate,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.rig.edit(key, stage.named('Theirs'));
			await stage.resource.update!({ ...key, version: null, fields: stage.named('Ours') });
			stage.expectHolds(await stage.one(key), stage.named('Ours'));
		}
	},
	{
		name: 'update of a record that is gone is missing',
		needs: canUpdate,
		async run(stage) {
			const key = await stage.seedOne();
			const { version } = await stage.one(key);
			await stage.rig.remove(key);
			const fields = stage.named('Ghost');
			await stage.fails(stage.resource.update!({ ...key, version: null, fields }), 'missing');
			await stage.fails(stage.resource.update!({ ...key, version, fields }), 'missing');
			expect(await stage.resource.read([key])).toEqual([]);
		}
	},
	{
		name: 'update with values that the channel refuses keeps its words and writes nothing',
		needs: (stage) => canUpdate(stage) && stage.exercise.refused !== undefined,
		async run(stage) {
			const { fields, words } = stage.exercise.refused!;
			const key = await stage.seedOne();
			const before = await stage.one(key);
			const error = await stage.fails(write(stage, key, fields), 'rejected');
			expect(error.reply).toMatch(words);
			expect(await stage.one(key)).toEqual(before);
		}
	},
	{
		name: 'a read-only field says so',
		async run(stage) {
			const marks = stage.resource.fields.map((field) => field.readOnly);
			expect(marks.every((mark) => mark === undefined || mark === true)).toBe(true);
			expect(new Set(stage.resource.fields.map((field) => field.name)).size).toBe(marks.length);
			expect(stage.resource.fingerprint).not.toBe('');
		}
	}
];
