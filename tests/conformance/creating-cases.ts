import { expect } from 'vitest';
import type { ExternalRecord, Resource } from '#src/engine/connectors/connector.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { Case } from './exercise-connector.ts';
import type { Stage } from './stage.ts';

const canCreate = (stage: Stage) => stage.resource.create !== undefined;
const canFind = (stage: Stage) => canCreate(stage) && stage.resource.findByReference !== undefined;

let made = 0;
const aReference = () => `cm-${Date.now().toString(36)}-${(made += 1)}`;

/** Looks for a reference after the lag that the channel admits to. */
async function find(stage: Stage, references: readonly string[]): Promise<readonly ExternalRecord[]> {
	const lagMs = stage.resource.capabilities.reference?.searchLagMs ?? 0;
	if (lagMs > 0) await stage.rig.pass?.(lagMs + 1);
	return stage.resource.findByReference!(references);
}

const create = (resource: Resource, reference: string, fields: Fields) => resource.create!({ reference, fields });

export const creatingCases: readonly Case[] = [
	{
		name: 'create makes one record with these values, which carries the reference and is found by it',
		needs: canFind,
		async run(stage) {
			const [reference, fields] = [aReference(), await stage.creatable()];
			const created = await create(stage.resource, reference, fields);
			expect(created.reference).toBe(reference);
			stage.expectHolds(await stage.one(created), fields);
			const found = await find(stage, [reference, aReference()]);
			expect(found).toMatchObject([{ id: created.id, variantId: created.variantId, reference }]);
		}
	},
	{
		name: 'what create reports is what a read then shows',
		needs: canCreate,
		async run(stage) {
			const created = await create(stage.resource, aReference(), await stage.creatable());
			const record = await stage.one(created);
			expect(record.fields).toMatchObject(created.fields);
			expect([null, record.version]).toContain(created.version);
			expect([null, record.stamp]).toContain(created.stamp);
		}
	},
	{
		name: 'a reference that nobody carries is not found',
		needs: canFind,
		async run(stage) {
			await stage.seedOne();
			expect(await find(stage, [aReference()])).toEqual([]);
			expect(await find(stage, [])).toEqual([]);
		}
	},
	{
		name: 'a created record comes with its reference in every way of reading',
		needs: canFind,
		async run(stage) {
			const reference = aReference();
			const created = await create(stage.resource, reference, await stage.creatable());
			const listed = (await stage.listAll()).find((record) => record.id === created.id);
			expect(listed?.reference).toBe(reference);
			expect((await stage.one(created)).reference).toBe(reference);
		}
	},
	{
		name: 'create with a unique value that is taken is a duplicate and creates nothing',
		needs: (stage) => canCreate(stage) && stage.exercise.unique !== undefined,
		async run(stage) {
			const unique = stage.exercise.unique!;
			const fields = stage.values();
			await stage.seed(fields);
			const before = (await stage.listAll()).length;
			const again = { ...stage.values(), [unique]: fields[unique] ?? null };
			await stage.fails(create(stage.resource, aReference(), again), 'duplicate');
			expect((await stage.listAll()).length).toBe(before);
		}
	},
	{
		name: 'create with values that the channel refuses keeps its words and creates nothing',
		needs: (stage) => canCreate(stage) && stage.exercise.refused !== undefined,
		async run(stage) {
			const { fields, words } = stage.exercise.refused!;
			const before = (await stage.listAll()).length;
			const refused = await stage.creatable(fields);
			const error = await stage.fails(create(stage.resource, aReference(), refused), 'rejected');
			expect(error.reply).toMatch(words);
			expect((await stage.listAll()).length).toBe(before);
		}
	}
];
