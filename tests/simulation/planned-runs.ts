import { seededRandom } from './random.ts';
import type { World } from './world.ts';

/** An operator has plans made, looks at them for a while, and has them carried out: what moved meanwhile is left alone. */
export function carryOutPlans(world: World, goesOn: () => boolean): void {
	const { timeline, channels, replicas } = world;
	const random = seededRandom(world.plan.seed ^ 0x91a4);
	const engine = () => (replicas.length > 0 ? random.pick(replicas).engine : null);

	async function plan(): Promise<void> {
		const channel = random.pick(channels);
		const at = { channelId: channel.id, entity: random.pick(channel.plan.entities), startedBy: 'operator' };
		const lookMs = random.between(2_000, 12_000);
		const made = await engine()?.requestRun({ ...at, mode: 'preview' });
		if (!made) return;
		timeline.after(lookMs, null, () => {
			engine()
				?.requestRun({ ...at, mode: 'apply', planId: made.runId })
				.catch(() => undefined);
		});
	}

	const next = () =>
		timeline.after(random.between(4_000, 12_000), null, () => {
			if (!goesOn()) return;
			plan().catch(() => undefined);
			next();
		});
	next();
}
