import type { ExternalKey, ExternalRecord, Page, Resource } from '#src/engine/connectors/connector.ts';
import { ConnectorError, stopsRun } from '#src/engine/connectors/error.ts';
import type { RestEntity } from '#src/engine/connectors/rest/settings.ts';
import type { EntityTrust } from '#src/engine/connectors/trust-sheet.ts';
import type { Fields } from '#src/sync/fields.ts';
import { checkBatchGet, checkSearch, checkTurn, one, type Say } from './check-requests.ts';
import { sampleValue } from './sample-value.ts';

/** One thing that was looked at, for a person: what it is, how it came out, and in which words. */
export type Finding = { what: string; result: 'yes' | 'no' | 'not tried'; detail: string };

export type Checked = { trust: EntityTrust; findings: readonly Finding[]; leftBehind: string | null };

export type CheckInput = {
	entity: RestEntity;
	resource: Resource;
	/** The same, in pages of two: what a listing does at the edge of a page shows early. */
	inSmallPages: Resource;
	/** A record that may be written to; null = one is made, where the service can. */
	recordId: string | null;
	sleep(ms: number): Promise<unknown>;
	nowMs(): number;
	/** Makes codes that nobody used before. */
	mark: string;
};

const pagesMax = 5;
const longestLagMs = 30_000;
const lagStepMs = 500;

/** Finds out what a service really does for one entity. Writes to one record only: the given one or one of its own. */
export async function checkEntity(input: CheckInput): Promise<Checked> {
	const findings: Finding[] = [];
	const trust: EntityTrust = {};
	const say = (what: string, result: boolean | null, detail: string) =>
		findings.push({ what, result: result === null ? 'not tried' : result ? 'yes' : 'no', detail });
	await checkPaging(input, trust, say);
	await tried('search', () => checkSearch(input, say), say);
	await tried('batchGet', () => checkBatchGet(input, say), say);
	const made = input.recordId === null ? await makeRecord(input, trust, say) : null;
	const key = input.recordId === null ? made : { id: input.recordId, variantId: '' };
	if (!key || !input.resource.update) {
		say('precondition honoured', null, 'there is no record to write to: name one with --record');
		return { trust, findings, leftBehind: made?.id ?? null };
	}
	const before = await one(input, key);
	try {
		await tried('fields written', () => checkFields(input, key, trust, say), say);
		for (const turn of ['deactivate', 'activate'] as const)
			await tried(turn, () => checkTurn(input, key, turn, say), say);
		await tried('precondition honoured', () => checkPrecondition(input, key, trust, say), say);
		await tried('change feed complete', () => checkChanges(input, key, before, trust, say), say);
	} finally {
		await restore(input, key, before, made !== null);
	}
	return { trust, findings, leftBehind: made?.id ?? null };
}

/** What fails by itself leaves the rest to be looked at; a service that does not answer is another matter. */
async function tried(what: string, look: () => Promise<void>, say: Say): Promise<void> {
	try {
		await look();
	} catch (error) {
		if (!(error instanceof ConnectorError) || stopsRun(error.kind)) throw error;
		say(what, false, `${error.kind}: ${error.hint}`);
	}
}

async function firstPages(resource: Resource): Promise<string[]> {
	const ids: string[] = [];
	let cursor: string | null = null;
	for (let pages = 0; pages < pagesMax; pages += 1) {
		const page: Page = await resource.list(cursor);
		ids.push(...page.records.map(({ id }) => id));
		cursor = page.next;
		if (cursor === null) break;
	}
	return ids;
}

async function checkPaging({ resource, inSmallPages }: CheckInput, trust: EntityTrust, say: Say) {
	const [once, again] = [await firstPages(inSmallPages), await firstPages(inSmallPages)];
	const whole = (await resource.list(null)).records.map(({ id }) => id);
	const shorter = Math.min(once.length, whole.length);
	if (shorter < 3) return say('paging stable', null, `only ${shorter} records are there`);
	const isUnique = new Set(once).size === once.length;
	const isSame =
		once.join('\n') === again.join('\n') && once.slice(0, shorter).join('\n') === whole.slice(0, shorter).join('\n');
	trust.pagingStable = isUnique && isSame;
	const why = isUnique ? 'small and large pages show different records or another order' : 'a record came twice';
	return say('paging stable', trust.pagingStable, trust.pagingStable ? `${once.length} records in pages of two` : why);
}

async function makeRecord(input: CheckInput, trust: EntityTrust, say: Say): Promise<ExternalKey | null> {
	const { resource, entity, mark, nowMs, sleep } = input;
	if (!resource.create || !resource.findByReference) {
		say('reference searchable', null, 'the description has no create with a reference');
		return null;
	}
	const fields: Record<string, Fields[string]> = {};
	for (const field of entity.fields) {
		const value = sampleValue(field, null, mark, 0);
		if (value !== undefined) fields[field.name] = value;
	}
	const reference = `cm-check-${mark}`;
	const made = await resource.create({ reference, fields });
	const startedMs = nowMs();
	let waitedMs = 0;
	do {
		const found = await resource.findByReference([reference]);
		if (found.some(({ id }) => id === made.id)) {
			trust.referenceFound = true;
			trust.referenceLagMs = Math.ceil(waitedMs);
			say('reference searchable', true, waitedMs === 0 ? 'at once' : `after ${Math.ceil(waitedMs)} ms`);
			return made;
		}
		await sleep(lagStepMs);
		waitedMs = nowMs() - startedMs;
	} while (waitedMs < longestLagMs);
	trust.referenceFound = false;
	say('reference searchable', false, `not found within ${longestLagMs / 1000} s: nothing will be created by itself`);
	return made;
}

/** Changes each field by itself and looks what moved. */
async function checkFields(input: CheckInput, key: ExternalKey, trust: EntityTrust, say: Say) {
	const { entity, resource, mark, sleep } = input;
	const moved: Record<'stamp' | 'version', [moved: string[], not: string[]]> = { stamp: [[], []], version: [[], []] };
	const stamps: string[] = [];
	for (const [number, field] of entity.fields.entries()) {
		const before = await one(input, key);
		const value = sampleValue(field, before.fields[field.name] ?? null, mark, number + 1);
		if (value === undefined) continue;
		// A stamp of whole seconds cannot move twice in one.
		await sleep(resource.capabilities.stampResolutionMs + 5);
		try {
			await resource.update?.({ ...key, version: before.version, fields: { [field.name]: value } });
		} catch (error) {
			if (!(error instanceof ConnectorError) || error.kind !== 'rejected') throw error;
			say(`writes ${field.name}`, null, error.hint);
			continue;
		}
		const after = await one(input, key);
		const codec = resource.fields.find(({ name }) => name === field.name);
		const kept = codec !== undefined && codec.normal(after.fields[field.name] ?? null) === codec.normal(value);
		if (!kept) say(`keeps ${field.name}`, false, `sent "${String(value)}", read "${String(after.fields[field.name])}"`);
		if (after.stamp !== null) {
			stamps.push(after.stamp);
			moved.stamp[after.stamp === before.stamp ? 1 : 0].push(field.name);
		}
		if (after.version !== null) moved.version[after.version === before.version ? 1 : 0].push(field.name);
	}
	if (moved.stamp.flat().length > 0) {
		[trust.stampMovedBy, trust.stampNotMovedBy] = moved.stamp;
		say('stamp moves', moved.stamp[1].length === 0, listed(moved.stamp));
		trust.stampResolutionMs = resolutionOf(stamps);
		say('stamp resolution', true, `${trust.stampResolutionMs} ms, as far as seen`);
	}
	if (moved.version.flat().length > 0) {
		trust.versionNotMovedBy = moved.version[1];
		say('version moves', moved.version[1].length === 0, listed(moved.version));
	}
}

function listed([moved, not]: readonly [readonly string[], readonly string[]]): string {
	return `by ${moved.join(', ') || 'nothing'}${not.length > 0 ? `; not by ${not.join(', ')}` : ''}`;
}

/** The finest digit that any stamp used. */
function resolutionOf(stamps: readonly string[]): number {
	const digits = Math.max(0, ...stamps.map((stamp) => (/\.(\d*?)0*Z$/.exec(stamp)?.[1] ?? '').length));
	return digits === 0 ? 1000 : digits <= 3 ? 1 : 0.001;
}

/** Two writes under the same version: the second must fail. */
async function checkPrecondition(input: CheckInput, key: ExternalKey, trust: EntityTrust, say: Say) {
	const { resource, entity, mark } = input;
	if (resource.capabilities.precondition.kind === 'none') {
		return say('precondition honoured', null, 'the description has none: a write may pass over a change in between');
	}
	const field = entity.fields.find((each) => sampleValue(each, null, mark, 0) !== undefined);
	const { version } = await one(input, key);
	if (!field || version === null) return say('precondition honoured', null, 'the record has no version');
	const write = (number: number) => {
		const value = sampleValue(field, null, mark, number) ?? null;
		return resource.update?.({ ...key, version, fields: { [field.name]: value } });
	};
	await write(101);
	try {
		await write(102);
		trust.preconditionHonoured = false;
		return say('precondition honoured', false, 'a second write under the same version went through');
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		trust.preconditionHonoured = error.kind === 'conflict';
		const why = `the second write failed as ${error.kind}${error.kind === 'conflict' ? '' : ', which must be "conflict": add an error rule'}`;
		return say('precondition honoured', trust.preconditionHonoured, why);
	}
}

async function checkChanges(input: CheckInput, key: ExternalKey, before: ExternalRecord, trust: EntityTrust, say: Say) {
	const { changes } = input.resource;
	if (!changes || before.stamp === null) return say('change feed complete', null, 'the description has none');
	let cursor: string | null = null;
	let isShown = false;
	for (let pages = 0; pages < 100 && !isShown; pages += 1) {
		const page: Page = await changes(before.stamp, cursor);
		isShown = page.records.some(({ id }) => id === key.id);
		cursor = page.next;
		if (cursor === null) break;
	}
	trust.changesComplete = isShown;
	return say(
		'change feed complete',
		isShown,
		isShown ? 'the record that was changed is in it' : 'it does not show the record that was changed'
	);
}

/** Gives a record of others its values back; one of our own is switched off, where that can be said. */
async function restore(input: CheckInput, key: ExternalKey, before: ExternalRecord, isOurs: boolean): Promise<void> {
	const writable = input.entity.fields.filter((field) => sampleValue(field, null, input.mark, 0) !== undefined);
	const values = writable.flatMap(({ name }) => (name in before.fields ? [[name, before.fields[name] ?? null]] : []));
	const fields: Fields = isOurs ? { is_active: false } : Object.fromEntries(values);
	if (isOurs && !writable.some(({ name }) => name === 'is_active')) return;
	const { version } = await one(input, key);
	await input.resource.update?.({ ...key, version, fields });
}
