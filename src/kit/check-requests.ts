import type { ExternalKey, ExternalRecord, Resource } from '#src/engine/connectors/connector.ts';
import { ConnectorError } from '#src/engine/connectors/error.ts';
import type { RestEntity } from '#src/engine/connectors/rest/settings.ts';

/** Notes how one thing came out; null = it was not tried. */
export type Say = (what: string, result: boolean | null, detail: string) => void;

type Described = { entity: RestEntity; resource: Resource };

/** The record of that key. Throws `missing` where there is none. */
export async function one({ resource }: Described, key: ExternalKey): Promise<ExternalRecord> {
	const [record] = await resource.read([key]);
	if (!record)
		throw new ConnectorError('missing', { hint: `There is no record ${key.id}. Name another with --record.` });
	return record;
}

/** Whether the search that is described finds the first record of the listing by its code, or else its name. */
export async function checkSearch({ entity, resource }: Described, say: Say): Promise<void> {
	if (!entity.requests.search) return;
	const [first] = (await resource.list(null)).records;
	const text = first?.fields['value'] ?? first?.fields['name'] ?? null;
	if (!first || text === null) return say('search', null, 'there is no record with a code or a name');
	const isFound = (await resource.search(String(text))).some(({ id }) => id === first.id);
	say('search', isFound, `"${String(text)}" ${isFound ? 'finds' : 'does not find'} record ${first.id}, which has it`);
}

/** Whether several records come with one `batchGet`. */
export async function checkBatchGet({ entity, resource }: Described, say: Say): Promise<void> {
	const { requests, version } = entity;
	if (!requests.batchGet) return;
	if (version.from === 'etag-header' && version.at === undefined)
		return say('batchGet', null, 'is not used: the version of a record stands in the header of a single answer only');
	const keys = (await resource.list(null)).records.slice(0, 3).map(({ id }) => ({ id, variantId: '' }));
	if (keys.length < 2) return say('batchGet', null, `only ${keys.length} records are there`);
	const read = new Set((await resource.read(keys)).map(({ id }) => id));
	const missing = keys.filter(({ id }) => !read.has(id));
	const detail =
		missing.length === 0 ? `read ${keys.length} records` : `left out ${missing.map(({ id }) => id).join(', ')}`;
	say('batchGet', missing.length === 0, detail);
}

/** Whether a record is off after `deactivate`, and on after `activate`: each where it is described. */
export async function checkTurn(
	input: Described,
	key: ExternalKey,
	turn: 'activate' | 'deactivate',
	say: Say
): Promise<void> {
	if (!input.entity.requests[turn]) return;
	const wanted = turn === 'activate';
	const write = async (isActive: boolean) => {
		const { version } = await one(input, key);
		await input.resource.update?.({ ...key, version, fields: { is_active: isActive } });
	};
	if ((await one(input, key)).fields['is_active'] === wanted) await write(!wanted);
	await write(wanted);
	const isDone = (await one(input, key)).fields['is_active'] === wanted;
	say(turn, isDone, `is_active is ${isDone === wanted ? 'true' : 'false'} afterwards`);
}
