import { asKept } from '#src/entities/record-source.ts';
import { entityNamed } from '#src/entities/registry.ts';
import { createClocks, type Clocks } from './clocks.ts';
import { ConnectorError } from './connectors/error.ts';
import type { CreateEngine, Explanation } from './engine.ts';
import { openSession } from './open-session.ts';
import type { Ports } from './ports.ts';
import { carriedResource } from './runs/carried-resource.ts';
import { performRun } from './runs/perform-run.ts';
import { livePending, planLink } from './runs/plan-link.ts';
import { lookUpReferences } from './runs/references.ts';
import { sendWindowMs } from './runs/run-context.ts';
import { seenOf } from './runs/seen.ts';

/** Hooks come in swarms: so long one run waits for more of them. */
const gatherHooksMs = 500;

/** Puts the engine together from its ports. Keeps no state but what it measured of other clocks. */
export const createEngine: CreateEngine = (ports) => {
	const clocks = createClocks(ports.clock);
	return {
		async requestRun({ channelId, entity, mode, linkIds, planId, startedBy }) {
			const { runId } = await ports.store.queueRun({
				channelId,
				entity,
				mode,
				startedBy,
				linkIds: linkIds ?? null,
				...(planId === undefined ? {} : { planId })
			});
			await ports.queue.send({ runId });
			return { runId };
		},
		async acceptWebhook(webhook) {
			const { kind, runs } = await ports.store.acceptWebhook(webhook);
			for (const { runId, fresh } of runs) if (fresh) await ports.queue.send({ runId }, { afterMs: gatherHooksMs });
			return kind;
		},
		performRun: (runId, signal) => performRun(ports, clocks, runId, signal),
		openSession: (channelId) => openChannel(ports, clocks, channelId),
		async searchRecords(channelId, entityName, text) {
			const entity = entityNamed(entityName);
			const session = await openChannel(ports, clocks, channelId);
			try {
				const resource = session.resource(entityName);
				if (!resource || !entity)
					throw new ConnectorError('misconfigured', { hint: `This channel does not support ${entityName}.` });
				const records = await resource.search(text);
				const seen = records.map((record) => seenOf(entity, record));
				await ports.store.recordPage({ channelId, entity, records: seen, complete: false, cursor: null, run: null });
				return records;
			} finally {
				await session.close();
			}
		},
		explain: (entity, linkId) => explain(ports, clocks, entity, linkId)
	};
};

async function openChannel(ports: Ports, clocks: Clocks, channelId: string) {
	const channel = await ports.store.loadChannelAccess({ channelId });
	if (!channel) throw new ConnectorError('misconfigured', { hint: 'This channel does not exist.' });
	return openSession(ports, clocks, channel);
}

async function explain(ports: Ports, clocks: Clocks, entityName: string, linkId: string): Promise<Explanation | null> {
	const known = entityNamed(entityName);
	// From before the link is read: a question that was held up must not reach for a record that was unlinked meanwhile.
	const sendBy = ports.clock.monotonicMs() + sendWindowMs;
	const linked = known && (await ports.store.readLink({ entity: known, linkId }));
	if (!known || !linked) return null;
	const channel = await ports.store.loadChannel({ channelId: linked.link.channelId, entity: entityName });
	if (!channel) return null;
	const entity = asKept(known, channel);
	const found = entity === known ? linked : await ports.store.readLink({ entity, linkId });
	if (!found) return null;
	const link = { ...found.link };
	try {
		const session = openSession(ports, clocks, channel);
		try {
			const offered = session.resource(entityName);
			if (!offered)
				throw new ConnectorError('misconfigured', { hint: `${channel.name} does not support this entity.` });
			const resource = carriedResource(entity, offered, channel.policy);
			const [external] = await resource.read([{ id: link.externalId, variantId: link.variantId }], { sendBy });
			const references = await lookUpReferences(
				{ store: ports.store, channelId: channel.id, entity, resource },
				[found.internal?.fields, link.baseInternal],
				[external?.fields]
			);
			const nowMs = ports.clock.nowMs();
			const plan = planLink(
				{ ...found, external: external ?? null },
				{
					resource,
					policy: channel.policy,
					live: { push: channel.pushLive, pull: channel.pullLive },
					clock: clocks.channelAgainstDatabase(channel.id),
					references,
					nowMs
				}
			);
			const decision = { ...plan.wanted, waiting: plan.waiting, pendingWrite: livePending(link.pendingWrite, nowMs) };
			return { link, internal: found.internal, external: external ?? null, externalProblem: null, decision };
		} finally {
			await session.close();
		}
	} catch (error) {
		if (!(error instanceof ConnectorError)) throw error;
		return {
			link,
			internal: found.internal,
			external: null,
			externalProblem: { kind: error.kind, hint: error.hint },
			decision: null
		};
	}
}
