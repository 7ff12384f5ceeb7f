import { gather } from './gather.ts';
import { itemPlanOf } from './apply-plan.ts';
import { planLink } from './plan-link.ts';
import { lookUpReferences } from './references.ts';
import { sendWindowMs, type RunContext } from './run-context.ts';

const linksAtOnce = 100;

/** Compares every link and stores what a run would do; writes to neither side and changes no link. */
export async function previewLinks(run: RunContext): Promise<void> {
	const { ports, channel, entity, resource } = run;
	const limit = Math.min(linksAtOnce, resource.capabilities.pageSize);
	for (let afterId: string | null = '0'; afterId !== null;) {
		await run.checkpoint('preview');
		const sendBy = ports.clock.monotonicMs() + sendWindowMs;
		const links = await ports.store.readLinks({
			channelId: channel.id,
			entity,
			afterId,
			limit,
			linkIds: run.run.linkIds
		});
		const { gathered } = await gather(run, links, sendBy);
		const references = await lookUpReferences(
			{ store: ports.store, channelId: channel.id, entity, resource },
			gathered.flatMap(({ link, internal }) => [internal?.fields, link.baseInternal]),
			gathered.map(({ external }) => external?.fields)
		);
		const plans = gathered.map((link) =>
			planLink(link, {
				resource,
				policy: channel.policy,
				live: { push: true, pull: true },
				clock: run.clocks.channelAgainstDatabase(channel.id),
				references,
				nowMs: ports.clock.nowMs()
			})
		);
		const items = plans
			.filter(({ wanted }) => wanted.kind !== 'none')
			.map((plan) => ({ plan, link: plan.link, wanted: plan.wanted }))
			.map(({ plan, link, wanted }) => ({
				linkId: link.id,
				internalId: link.internalId,
				externalId: link.externalId,
				variantId: link.variantId,
				action: wanted.kind,
				outcome: 'skipped',
				fields: [
					...new Set([
						...Object.keys(wanted.push),
						...Object.keys(wanted.pull),
						...wanted.asked.map(({ field }) => field)
					])
				],
				problem: null,
				plan: itemPlanOf(plan)
			}));
		const writes = plans.filter(({ wanted }) =>
			[wanted.push, wanted.pull].some((some) => Object.keys(some).length > 0)
		);
		if (links.length > 0)
			await ports.store.addItems({
				runId: run.run.id,
				phase: 'preview',
				items,
				counts: { skipped: items.length, 'in-sync': plans.length - items.length, 'would-write': writes.length }
			});
		afterId = links.length < limit ? null : (links.at(-1)?.link.id ?? null);
	}
}
