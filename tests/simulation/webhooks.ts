import type { People } from './people.ts';
import { seededRandom } from './random.ts';
import type { World } from './world.ts';

/** Every twentieth schedule has channels that tell of what was edited there. */
export function hasWebhooks(seed: number): boolean {
	return seed % 20 === 19;
}

const lookEveryMs = 500;

/** Channels tell of most edits: late, out of order, at times twice, about a record that is not there, or without naming any. */
export async function sendWebhooks(world: World, people: People, goesOn: () => boolean): Promise<void> {
	const { timeline, channels, directory, replicas } = world;
	const random = seededRandom(world.plan.seed ^ 0x5eed);
	for (const { id } of channels) {
		const secret = { secret: 'secret', secretKey: 'simulated '.repeat(4) };
		await directory.people.replaceWebhookSecret({ channelId: id, ...secret, actor: { name: 'admin' }, via: 'web' });
	}
	let told = people.acts.touches.length;
	let hooks = 0;

	function tell(channelId: string, entity: string, externalId: string): void {
		const hook = {
			channelId,
			hookId: random.chance(0.9) ? `hook-${(hooks += 1)}` : null,
			named: random.chance(0.9)
				? [{ entity, externalId: random.chance(0.9) ? externalId : '999999', variantId: '' }]
				: [],
			unnamed: random.chance(0.1) ? [entity] : []
		};
		for (let times = random.chance(0.2) ? 2 : 1; times > 0; times--) {
			timeline.after(random.between(0, 3_000), null, () => {
				if (replicas.length > 0)
					random
						.pick(replicas)
						.engine.acceptWebhook?.(hook)
						.catch(() => undefined);
			});
		}
	}

	const look = () =>
		timeline.after(lookEveryMs, null, () => {
			if (!goesOn()) return;
			const fresh = people.acts.touches.slice(told);
			told += fresh.length;
			for (const { side, entity, id } of fresh) {
				const channel = channels.find(({ plan }) => plan.name === side);
				if (channel && random.chance(0.7)) tell(channel.id, entity, id);
			}
			look();
		});
	look();
}
