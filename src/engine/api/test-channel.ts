import { z } from '@hono/zod-openapi';
import type { Entity } from '#src/entities/entity.ts';
import type { ChannelDetail } from '#src/mappings/read-channel.ts';
import type { Connector, Resource, Session } from '../connectors/connector.ts';
import { ConnectorError } from '../connectors/error.ts';
import type { Engine } from '../engine.ts';
import { listingProblem } from '../listing-problem.ts';

const states = ['pass', 'warn', 'fail', 'skip'] as const;

export const testSchema = z
	.object({
		passed: z.boolean().openapi({ description: 'No stage failed.' }),
		stages: z.array(
			z.object({
				stage: z.enum(['settings', 'reach', 'encryption', 'sign-in', 'records']),
				entity: z.string().nullable().openapi({ description: 'For `records`.' }),
				state: z.enum(states),
				message: z.string(),
				hint: z.string().openapi({ description: 'What a person can do about it; empty where nothing is to be done.' })
			})
		),
		samples: z.array(
			z.object({
				entity: z.string(),
				records: z.int().openapi({ description: 'How many the first page had.' }),
				fields: z.array(
					z.object({
						name: z.string(),
						label: z.string(),
						readOnly: z.boolean(),
						value: z.union([z.string(), z.boolean(), z.null()])
					})
				)
			})
		)
	})
	.openapi('ChannelTest');

export type ChannelTest = z.output<typeof testSchema>;
type Stage = ChannelTest['stages'][number];

type TestPorts = {
	engine: Pick<Engine, 'openSession'>;
	connectors: readonly Connector[];
	/** With the fields that administrators added to them. */
	entities: readonly Entity[];
};

/**
 * Tries a channel step by step, from the address to a sample of each kind of record; reads only. `failure` is what the
 * first call that failed said, null when all went through.
 */
export async function testChannel(
	{ engine, connectors, entities }: TestPorts,
	channel: Pick<ChannelDetail, 'id' | 'name' | 'connector' | 'settings' | 'entities'>,
	signal: AbortSignal
): Promise<ChannelTest & { failure: ConnectorError | null }> {
	const address = addressOf(connectors, channel);
	let session: Session;
	try {
		session = await engine.openSession(channel.id);
	} catch (error) {
		const failure = known(error);
		return report([failed('settings', failure), ...skipped(['reach', 'encryption', 'sign-in'])], [], failure);
	}
	try {
		const failure = await probe(session, signal);
		const settings = passed('settings', 'The settings can be used.');
		if (failure && !aboutRecords.includes(failure.kind))
			return report([settings, ...stagesOf(failure, address)], [], failure);
		const stages = [
			settings,
			passed('reach', `${address?.host ?? channel.name} answers.`),
			encryptionOf(address),
			passed('sign-in', 'The credentials are accepted.')
		];
		return await readSamples({ session, entities }, channel, stages, signal);
	} finally {
		await session.close();
	}
}

/** Failures after which the reading of records says what is wrong, and with which. */
const aboutRecords: readonly string[] = ['missing', 'rejected', 'invalid-reply'];

async function probe(session: Session, signal: AbortSignal): Promise<ConnectorError | null> {
	try {
		await session.probe({ signal });
		return null;
	} catch (error) {
		return known(error);
	}
}

async function readSamples(
	{ session, entities }: { session: Session; entities: readonly Entity[] },
	channel: Pick<ChannelDetail, 'name' | 'entities'>,
	stages: Stage[],
	signal: AbortSignal
): Promise<ChannelTest & { failure: ConnectorError | null }> {
	const samples: ChannelTest['samples'] = [];
	const failures: { entity: Entity; error: ConnectorError }[] = [];
	const carried = new Set(channel.entities.map(({ entity }) => entity));
	for (const entity of entities) {
		const resource = session.resource(entity.name);
		if (!resource || (carried.size > 0 && !carried.has(entity.name))) continue;
		try {
			const { records } = await resource.list(null, { signal });
			samples.push(sampleOf(entity, resource, records));
			stages.push(readStage(entity, resource, records.length));
		} catch (error) {
			failures.push({ entity, error: known(error) });
		}
	}
	// Before a person chose what takes part, a kind that this system or this user does not have need not be there.
	const isOptional = ({ error }: (typeof failures)[number]) =>
		carried.size === 0 && samples.length > 0 && (error.kind === 'misconfigured' || error.kind === 'unauthorized');
	for (const one of failures) {
		const words = listingProblem(one.error, one.entity);
		const stage: Stage = { stage: 'records', entity: one.entity.name, state: 'fail', ...words };
		stages.push(isOptional(one) ? { ...stage, state: 'warn' } : stage);
	}
	const failure = failures.find((one) => !isOptional(one))?.error ?? null;
	if (samples.length === 0 && failure === null) {
		const hint = 'Name at least one kind of record in the description of the API.';
		stages.push({ stage: 'records', entity: null, state: 'fail', message: `${channel.name} offers no records.`, hint });
	}
	return report(stages, samples, failure);
}

function sampleOf(
	entity: Entity,
	resource: Resource,
	records: readonly { fields: Readonly<Record<string, string | boolean | null>> }[]
): ChannelTest['samples'][number] {
	const shown = (name: string) => {
		const found = records.find(({ fields }) => (fields[name] ?? null) !== null);
		const value = found?.fields[name] ?? null;
		return typeof value === 'string' ? value.slice(0, 200) : value;
	};
	const fields = resource.fields.map(({ name, label, readOnly }) => ({
		name,
		label,
		readOnly: readOnly ?? false,
		value: shown(name)
	}));
	return { entity: entity.name, records: records.length, fields };
}

/** Fields that our records do not have are read for nothing: most likely a name is not quite right. */
function readStage(entity: Entity, resource: Resource, count: number): Stage {
	const message = readWords(entity, count);
	const stage = { ...passed('records', message), entity: entity.name };
	const ours = new Set(entity.fields.filter(({ ownOnly }) => !ownOnly).map(({ name }) => name));
	const unknown = resource.fields.map(({ name }) => name).filter((name) => !ours.has(name));
	if (unknown.length === 0) return stage;
	return {
		...stage,
		state: 'warn',
		message: `${message} Nothing is done with ${unknown.map((name) => `"${name}"`).join(', ')}: our ${entity.label.many.toLowerCase()} have no such field.`,
		hint: 'Correct the name in the description of the API, or add the field under Settings, Fields.'
	};
}

function readWords({ label }: Entity, count: number): string {
	if (count === 0) return `${label.many} can be read; there are none yet.`;
	return `${label.many} can be read.`;
}

function addressOf(
	connectors: readonly Connector[],
	channel: Pick<ChannelDetail, 'connector' | 'settings'>
): URL | null {
	const form = connectors.find(({ name }) => name === channel.connector)?.form;
	const field = form?.fields.find(({ kind }) => kind === 'url');
	return form && field ? URL.parse(form.write(channel.settings)[field.name] ?? '') : null;
}

const ofThisMachine = /^(localhost|127\.|\[::1\])/;

function encryptionOf(address: URL | null): Stage {
	if (address?.protocol === 'https:')
		return passed('encryption', 'The connection is encrypted, the certificate valid.');
	if (address && ofThisMachine.test(address.host)) return passed('encryption', 'Not needed: it runs on this machine.');
	const message = 'The connection is not encrypted: who is in between can read the key.';
	return {
		stage: 'encryption',
		entity: null,
		state: 'warn',
		message,
		hint: 'Use an https address where the system has one.'
	};
}

const certificate = /CERT|TLS|SSL|SIGNATURE/;

/** Which stage a failed first call failed at, and what was fine before it. */
function stagesOf(failure: ConnectorError, address: URL | null): Stage[] {
	const host = address?.host ?? 'The channel';
	const reached = passed('reach', `${host} answers.`);
	if (failure.kind === 'misconfigured') return [failed('reach', failure), ...skipped(['encryption', 'sign-in'])];
	if (failure.kind === 'unreachable') {
		if (certificate.test(failure.code ?? ''))
			return [reached, { ...failed('encryption', failure), hint: remedyOf(failure) }, ...skipped(['sign-in'])];
		return [{ ...failed('reach', failure), hint: remedyOf(failure) }, ...skipped(['encryption', 'sign-in'])];
	}
	return [reached, encryptionOf(address), failed('sign-in', failure)];
}

const remedies: readonly [RegExp, string][] = [
	[/CERT_HAS_EXPIRED/, 'Renew the certificate of that system.'],
	[/SELF_SIGNED|UNABLE_TO/, 'The certificate is not signed by an authority known here. Install a public one there.'],
	[/ALTNAME/, 'The certificate is for another name. Use the name it was made for.'],
	[certificate, 'The encrypted connection could not be made. Check that the port speaks https, and its certificate.'],
	[/ENOTFOUND|EAI_AGAIN/, 'There is no such host. Check the spelling of the address.'],
	[/ECONNREFUSED/, 'Nothing listens there. Check the port, and that the system is running.'],
	[/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'No answer in time. A firewall may be in between.']
];

function remedyOf({ code, hint }: ConnectorError): string {
	return remedies.find(([pattern]) => pattern.test(code ?? ''))?.[1] ?? hint;
}

function passed(stage: Stage['stage'], message: string): Stage {
	return { stage, entity: null, state: 'pass', message, hint: '' };
}

function failed(stage: Stage['stage'], { reply, hint }: ConnectorError): Stage {
	return { stage, entity: null, state: 'fail', message: reply ?? hint, hint };
}

function skipped(stages: readonly Stage['stage'][]): Stage[] {
	return stages.map((stage) => ({ stage, entity: null, state: 'skip', message: '', hint: '' }));
}

function report(stages: Stage[], samples: ChannelTest['samples'], failure: ConnectorError | null) {
	return { passed: stages.every(({ state }) => state !== 'fail'), stages, samples, failure };
}

function known(error: unknown): ConnectorError {
	if (error instanceof ConnectorError) return error;
	throw error;
}
