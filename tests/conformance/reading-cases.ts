import { expect } from 'vitest';
import type { ExternalKey, ExternalRecord } from '#src/engine/connectors/connector.ts';
import type { Case } from './exercise-connector.ts';
import type { Stage } from './stage.ts';

const idOf = (key: ExternalKey) => (key.variantId === '' ? key.id : `${key.id}/${key.variantId}`);
const idsOf = (keys: readonly ExternalKey[]) => keys.map(idOf);
const onlyThese = (records: readonly ExternalRecord[], keys: readonly ExternalKey[]) =>
	records.filter((record) => idsOf(keys).includes(idOf(record)));

const severalPages = (stage: Stage) =>
	stage.seed(...Array.from({ length: Math.min(stage.resource.capabilities.pageSize + 2, 250) }, () => stage.values()));

export const readingCases: readonly Case[] = [
	{
		name: 'probe passes on a healthy channel',
		run: (stage) => stage.session.probe()
	},
	{
		name: 'an entity that the connector does not know is absent',
		async run(stage) {
			expect(stage.session.resource('no-such-entity')).toBeUndefined();
		}
	},
	{
		name: 'list brings every record exactly once, over pages',
		async run(stage) {
			const keys = await severalPages(stage);
			const first = await stage.resource.list(null);
			expect(first.records.length).toBeLessThanOrEqual(stage.resource.capabilities.pageSize);
			const ids = idsOf(onlyThese(await stage.listAll(), keys));
			expect(ids.sort()).toEqual(idsOf(keys).sort());
		}
	},
	{
		name: 'list keeps its order when a record changes',
		async run(stage) {
			const keys = await stage.seed(stage.values(), stage.values(), stage.values());
			const before = idsOf(onlyThese(await stage.listAll(), keys));
			await stage.rig.edit(keys[0]!, stage.named('Changed'));
			expect(idsOf(onlyThese(await stage.listAll(), keys))).toEqual(before);
		}
	},
	{
		name: 'list and read bring archived records',
		needs: (stage) => stage.exercise.fields.active !== undefined,
		async run(stage) {
			const active = stage.exercise.fields.active!;
			const key = await stage.seedOne({ [active]: false });
			expect(onlyThese(await stage.listAll(), [key])).toMatchObject([{ fields: { [active]: false } }]);
			expect((await stage.one(key)).fields[active]).toBe(false);
		}
	},
	{
		name: 'list, changes and read tell the same about a record',
		async run(stage) {
			const key = await stage.seedOne();
			const read = await stage.one(key);
			const found = [...onlyThese(await stage.listAll(), [key])];
			if (stage.resource.changes && read.stamp) found.push(...onlyThese(await stage.changesSince(read.stamp), [key]));
			for (const record of found) {
				expect(record).toMatchObject({ fields: read.fields, stamp: read.stamp, reference: read.reference });
				expect([null, read.version]).toContain(record.version);
			}
		}
	},
	{
		name: 'stamps are UTC text, also of a record that nobody edited yet',
		async run(stage) {
			const record = await stage.one(await stage.seedOne());
			expect(record.stamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);
		}
	},
	{
		name: 'changes since a moment that is still to come ends, and brings nothing',
		needs: (stage) => stage.resource.changes !== undefined,
		async run(stage) {
			const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
			expect(await stage.changesSince(tomorrow)).toEqual([]);
		}
	},
	{
		name: 'changes brings what changed from a moment on, that moment included, oldest first',
		needs: (stage) => stage.resource.changes !== undefined,
		async run(stage) {
			const old = await stage.seedOne();
			await stage.settle();
			const [edited, fresh] = [await stage.seedOne(), await stage.seedOne()];
			await stage.settle();
			await stage.rig.edit(edited, stage.named('Edited'));
			const [freshStamp, editedStamp] = [(await stage.one(fresh)).stamp!, (await stage.one(edited)).stamp!];
			const since = await stage.changesSince(freshStamp);
			const ids = idsOf(onlyThese(since, [old, edited, fresh]));
			expect([...new Set(ids)]).toEqual(idsOf([fresh, edited]));
			const stamps = since.map((record) => record.stamp!);
			expect(stamps).toEqual([...stamps].sort());
			const later = idsOf(onlyThese(await stage.changesSince(editedStamp), [old, edited, fresh]));
			expect([...new Set(later)]).toEqual(idsOf([edited]));
		}
	},
	{
		name: 'changes since a moment within the resolution of the stamp still brings the record',
		needs: (stage) => stage.resource.changes !== undefined && stage.resource.capabilities.stampResolutionMs > 1,
		async run(stage) {
			const key = await stage.seedOne();
			const { stamp } = await stage.one(key);
			const moment = new Date(Date.parse(stamp!) + stage.resource.capabilities.stampResolutionMs - 1).toISOString();
			expect(onlyThese(await stage.changesSince(moment), [key])).toHaveLength(1);
		}
	},
	{
		name: 'changes loses no record where equal stamps meet the edge of a page',
		needs: (stage) => stage.resource.changes !== undefined,
		async run(stage) {
			await stage.settle();
			const keys = await severalPages(stage);
			const { stamp } = await stage.one(keys[0]!);
			const ids = new Set(idsOf(onlyThese(await stage.changesSince(stamp!), keys)));
			expect([...ids].sort()).toEqual(idsOf(keys).sort());
		}
	},
	{
		name: 'changes shows a record that was archived',
		needs: (stage) => stage.resource.changes !== undefined && stage.exercise.fields.active !== undefined,
		async run(stage) {
			const key = await stage.seedOne();
			await stage.settle();
			await stage.rig.edit(key, { [stage.exercise.fields.active!]: false });
			const { stamp } = await stage.one(key);
			expect(onlyThese(await stage.changesSince(stamp!), [key])).toHaveLength(1);
		}
	},
	{
		name: 'changes leaves out a record that was deleted',
		needs: (stage) => stage.resource.changes !== undefined,
		async run(stage) {
			const [gone, there] = [await stage.seedOne(), await stage.seedOne()];
			const { stamp } = await stage.one(gone);
			await stage.rig.remove(gone);
			const found = onlyThese(await stage.changesSince(stamp!), [gone, there]);
			expect([...new Set(idsOf(found))]).toEqual(idsOf([there]));
		}
	},
	{
		name: 'read takes ids in any order and leaves out those that do not exist',
		async run(stage) {
			const keys = await stage.seed(stage.values(), stage.values(), stage.values());
			await stage.rig.remove(keys[1]!);
			const wanted = idsOf([keys[0]!, keys[2]!]).sort();
			for (const order of [keys, [...keys].reverse()]) {
				expect(idsOf(await stage.resource.read(order)).sort()).toEqual(wanted);
			}
			expect(await stage.resource.read([keys[1]!])).toEqual([]);
			expect(await stage.resource.read([])).toEqual([]);
		}
	},
	{
		name: 'an empty value is there as empty, not absent',
		needs: (stage) => stage.exercise.fields.text !== undefined,
		async run(stage) {
			const text = stage.exercise.fields.text!;
			const key = await stage.seedOne({ [text]: null });
			for (const record of [await stage.one(key), ...onlyThese(await stage.listAll(), [key])]) {
				expect(Object.keys(record.fields).sort()).toEqual(stage.resource.fields.map((field) => field.name).sort());
				expect(stage.normal(text, record.fields[text])).toBeNull();
			}
		}
	},
	{
		name: 'search finds a record by its code and by its name',
		async run(stage) {
			const { fields, keyed } = stage.exercise;
			const name = `Kayak${Date.now()}`;
			const values = stage.values(keyed ? {} : { [fields.name]: name });
			const [key] = await stage.seed(values);
			for (const text of [String(values[fields.code]), ...(keyed ? [] : [name])]) {
				const found = await stage.resource.search(text);
				expect(onlyThese(found, [key!])).toHaveLength(1);
				expect(found.length).toBeLessThanOrEqual(20);
			}
			expect(await stage.resource.search('no such record anywhere')).toEqual([]);
		}
	}
];
