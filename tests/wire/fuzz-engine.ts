import { ConnectorError } from '#src/engine/connectors/error.ts';
import { canonical, type FieldType, type Value } from '#src/sync/fields.ts';
import { createChance, type Chance } from './chance.ts';
import { makeChannel } from './channels.ts';
import { checkPrototypes } from './contract.ts';
import { createEngineWorld, type EngineWorld } from './engine-world.ts';
import { responseOf } from './fuzz-replies.ts';
import { damageReply } from './reply-damage.ts';

const rounds = 10;
const pairs = 4;
const tenMinutesMs = 600_000;
const runsToHeal = 8;
const endings: ReadonlySet<string> = new Set(['succeeded', 'partial', 'failed', 'held']);
const settled: ReadonlySet<string> = new Set(['in-sync', 'quarantined', 'conflict']);

export type EngineFuzzResult = { replies: number; runs: Record<string, number>; links: Record<string, number> };

/**
 * Lets the engine work on damaged replies while both sides are edited, then heals the wire. Throws where a run did not
 * end or called itself a defect, where a side holds a value that neither a person wrote nor the channel said, where a
 * record was doubled, and where something stays neither in sync nor before a person's eyes.
 */
export async function fuzzEngine(name: string, seed: number): Promise<EngineFuzzResult> {
	const channel = await makeChannel(name);
	const chance = createChance(seed);
	const said = createSaid();
	let damages = 0;
	let share = 0;
	const damaging: typeof fetch = async (input, init) => {
		const response = await channel.fetch(input, init);
		if (!chance.is(share)) return response;
		damages += 1;
		const { status, headers } = response;
		const body = Buffer.from(await response.arrayBuffer());
		const reply = damageReply({ status, headers: Object.fromEntries(headers), body }, chance);
		said.note(reply.body.toString());
		return responseOf(reply);
	};
	const world = createEngineWorld(channel, chance.number, () => damaging);
	const result: EngineFuzzResult = { replies: 0, runs: {}, links: {} };
	const run = async (mode: 'incremental' | 'full') => {
		const { state, problem } = await world.run(mode);
		result.runs[problem?.kind ?? state] = (result.runs[problem?.kind ?? state] ?? 0) + 1;
		if (world.defects.length > 0) throw new Error(`a defect: ${JSON.stringify(world.defects)}`);
		if (!endings.has(state)) throw new Error(`the run ended ${state}`);
		checkPrototypes();
		await checkValues(world, said);
	};
	try {
		await setUp(world, said, run);
		share = 0.25;
		for (let round = 0; round < rounds; round += 1) {
			await edit(world, said, chance, round);
			await run(chance.is(0.3) ? 'full' : 'incremental');
			await world.pass(chance.below(20_000));
		}
		share = 0;
		await heal(world, run);
		await checkSettled(world, result);
		await checkStillListening(world, said, run);
		result.replies = damages;
		return result;
	} finally {
		await world.close();
		await channel.stop();
	}
}

type Run = (mode: 'incremental' | 'full') => Promise<void>;

async function setUp(world: EngineWorld, said: Said, run: Run): Promise<void> {
	const ids: string[] = [];
	for (let pair = 0; pair < pairs; pair += 1) {
		const id = world.addInternal(`S${pair}`);
		const fields = world.records.read(id)?.fields ?? {};
		for (const value of Object.values(fields)) said.write(value);
		const known = Object.entries(fields).filter(([name]) => world.resource.fields.some((field) => field.name === name));
		await world.resource.create?.({ reference: `theirs-${pair}`, fields: Object.fromEntries(known) });
		ids.push(id);
	}
	await run('full');
	for (const [pair, external] of (await world.external()).entries()) await world.link(ids[pair] ?? '', external);
	await run('incremental');
	const apart = world.links().filter(({ status }) => status !== 'in-sync');
	if (apart.length > 0) throw new Error('the sides do not agree before anything happened');
}

async function edit(world: EngineWorld, said: Said, chance: Chance, round: number): Promise<void> {
	const links = world.links();
	const field = () => chance.pick(['name', 'description', 'name', 'phone']);
	const ours = chance.pick(links);
	const theirs = chance.pick(links);
	if (chance.is(0.7)) {
		world.records.update(ours.internalId, { [field()]: said.write(`ours${round}`) });
	}
	if (chance.is(0.7)) {
		const name = field();
		const known = world.resource.fields.some((one) => one.name === name);
		const key = { id: theirs.externalId, variantId: theirs.variantId };
		const fields = { [known ? name : 'name']: said.write(`theirs${round}`) };
		await world.resource.update?.({ ...key, version: null, fields }).catch((error: unknown) => {
			// The answer to a create named a wrong id: nobody can edit what is not there.
			if (!(error instanceof ConnectorError) || error.kind !== 'missing') throw error;
		});
	}
	if (chance.is(0.3)) {
		const id = world.addInternal(`N${round}`);
		for (const value of Object.values(world.records.read(id)?.fields ?? {})) said.write(value);
	}
}

async function heal(world: EngineWorld, run: Run): Promise<void> {
	for (let at = 0; at < runsToHeal; at += 1) {
		await world.pass(tenMinutesMs);
		await run(at === 1 ? 'full' : 'incremental');
	}
}

async function checkSettled(world: EngineWorld, result: EngineFuzzResult): Promise<void> {
	const external = new Map((await world.external()).map((record) => [`${record.id}/${record.variantId}`, record]));
	for (const link of world.links()) {
		result.links[link.status] = (result.links[link.status] ?? 0) + 1;
		// A create whose answer names a wrong id cannot be told from a true one: a person sees that the record is missing.
		const lost = link.status === 'orphan' && !external.has(`${link.externalId}/${link.variantId}`);
		if (!settled.has(link.status) && !lost)
			throw new Error(`a link stays ${link.status}: ${JSON.stringify(link.problem)}`);
		if (link.status !== 'in-sync') continue;
		const theirs = external.get(`${link.externalId}/${link.variantId}`);
		const ours = world.records.read(link.internalId);
		for (const { name, type, normal } of world.resource.fields) {
			const [one, other] = [ours?.fields[name] ?? null, theirs?.fields[name] ?? null];
			if (canonical(type, normal(one)) === canonical(type, normal(other))) continue;
			throw new Error(`in sync with ${name} ${JSON.stringify(one)} here and ${JSON.stringify(other)} there`);
		}
	}
	const references = [...external.values()].flatMap(({ reference }) => reference ?? []);
	if (new Set(references).size < references.length) throw new Error(`doubled at the channel: ${references.join()}`);
	const open = world.intents().filter(({ state }) => state === 'open');
	if (open.length > 0) throw new Error(`a create stays open: ${JSON.stringify([open[0], await world.external()])}`);
}

/** Nothing that the wire said may make the engine deaf for what happens afterwards. */
async function checkStillListening(world: EngineWorld, said: Said, run: Run): Promise<void> {
	const link = world.links().find(({ status }) => status === 'in-sync');
	if (!link) return;
	await world.pass(tenMinutesMs);
	const key = { id: link.externalId, variantId: link.variantId };
	await world.resource.update?.({ ...key, version: null, fields: { name: said.write('heard') } });
	await world.pass(1000);
	await run('incremental');
	const name = world.records.read(link.internalId)?.fields['name'];
	// A value that could not be confirmed after it was sent makes a later edit a question to a person.
	const asked = world.links().some(({ id, status }) => id === link.id && status === 'conflict');
	if (name !== 'heard' && !asked)
		throw new Error(`an edit at the channel is not heard any more: ${JSON.stringify(name)}`);
}

async function checkValues(world: EngineWorld, said: Said): Promise<void> {
	for (const record of world.records.all()) check('our record', record.id, record.fields);
	for (const record of await world.external()) check('the channel', record.id, record.fields);

	function check(where: string, id: string, fields: Readonly<Record<string, Value>>) {
		for (const { name, type } of world.resource.fields) {
			const value = fields[name];
			if (value === undefined || said.has(type, value)) continue;
			throw new Error(`${where} ${id} holds ${name} ${JSON.stringify(value)}, which nobody wrote`);
		}
	}
}

type Said = ReturnType<typeof createSaid>;

/** All values that people wrote, and all that damaged replies held: the latter cannot be told from edits. */
function createSaid() {
	const forms = new Set<string>(['empty']);
	const formOf = (value: unknown): string => {
		if (value === null || value === '') return 'empty';
		if (typeof value === 'boolean' || value === 0 || value === 1) return 'flag';
		const text = String(value);
		return /^[-+.\d]+$/.test(text)
			? `number ${digits(text)}`
			: `text ${String(canonical('text', text.replace(/\s+/g, ' ')))}`;
	};
	return {
		write<T extends Value>(value: T): T {
			forms.add(formOf(value));
			return value;
		},
		note(body: string): void {
			try {
				JSON.parse(body, (_key, value: unknown, context?: { source?: string }) => {
					if (typeof value === 'string' || typeof value === 'boolean') forms.add(formOf(value));
					if (typeof value === 'number') forms.add(formOf(context?.source ?? value));
				});
			} catch {
				// No reader gets a value out of it either.
			}
		},
		has: (type: FieldType, value: Value): boolean => type === 'boolean' || forms.has(formOf(value))
	};
}

/** A number whatever its unit is: cents and euros have the same. */
function digits(text: string): string {
	return text.replace(/\D/g, '').replace(/^0+|0+$/g, '');
}
