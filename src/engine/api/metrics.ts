import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { RunRow } from '#src/mappings/list-runs.ts';
import { outcomes } from '#src/sync/outcome.ts';
import type { Transport } from '../connectors/transport.ts';
import { ConnectorError } from '../connectors/error.ts';
import type { Clock } from '../ports.ts';

/** What this process has done, for Prometheus. */
export type Metrics = {
	registry: Registry;
	/** Counts a run that ended here. */
	observeRun(run: RunRow): void;
	/** Counts and times the calls that go through a transport. */
	measure(transport: Transport, clock: Pick<Clock, 'monotonicMs'>): Transport;
};

/** A registry of its own, so that several can live in one process. */
export function createMetrics(): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	const runs = new Counter({
		name: 'channel_mapping_runs_total',
		help: 'Runs that ended.',
		labelNames: ['channel', 'entity', 'mode', 'state'],
		registers
	});
	const items = new Counter({
		name: 'channel_mapping_items_total',
		help: 'Records by outcome.',
		labelNames: ['channel', 'entity', 'outcome'],
		registers
	});
	const runSeconds = new Histogram({
		name: 'channel_mapping_run_seconds',
		help: 'Duration of runs.',
		labelNames: ['channel', 'entity', 'mode'],
		buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1800],
		registers
	});
	const calls = new Histogram({
		name: 'channel_mapping_channel_call_seconds',
		help: 'Calls to channels.',
		labelNames: ['host', 'method', 'status'],
		buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
		registers
	});
	return {
		registry,
		observeRun(run) {
			const { channelId: channel, entity, mode, state } = run;
			runs.inc({ channel, entity, mode, state });
			for (const outcome of outcomes) items.inc({ channel, entity, outcome }, run.counts[outcome] ?? 0);
			if (run.startedAt && run.endedAt) {
				runSeconds.observe({ channel, entity, mode }, (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000);
			}
		},
		measure(transport, clock) {
			return async (request) => {
				const startedMs = clock.monotonicMs();
				let status = 'defect';
				try {
					const reply = await transport(request);
					status = `${reply.status}`;
					return reply;
				} catch (error) {
					if (error instanceof ConnectorError) status = error.kind;
					throw error;
				} finally {
					const host = URL.canParse(request.url) ? new URL(request.url).host : '';
					calls.observe({ host, method: request.method, status }, (clock.monotonicMs() - startedMs) / 1000);
				}
			};
		}
	};
}
