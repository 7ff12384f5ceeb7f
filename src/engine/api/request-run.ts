import type { Entity } from '#src/entities/entity.ts';
import type { RunMode } from '../engine.ts';
import type { Caller } from './access.ts';
import type { ApiPorts } from './api-ports.ts';

/** Asks the engine for a run in the caller's name. */
export function requestRun(
	{ engine }: Pick<ApiPorts, 'engine'>,
	caller: Caller,
	input: { channelId: string; entity: Entity; mode: RunMode; linkIds?: readonly string[] | undefined; planId?: string }
): Promise<{ runId: string }> {
	const { channelId, entity, mode, linkIds, planId } = input;
	return engine.requestRun({
		channelId,
		entity: entity.name,
		mode,
		startedBy: caller.name,
		...(linkIds ? { linkIds } : {}),
		...(planId === undefined ? {} : { planId })
	});
}
