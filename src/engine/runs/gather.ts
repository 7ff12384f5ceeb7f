import type { LinkWithRecord } from '#src/store/claim-links.ts';
import { ConnectorError } from '../connectors/error.ts';
import type { ExternalRecord, Resource } from '../connectors/connector.ts';
import { planLink } from './plan-link.ts';
import type { BrokenLink } from './commit-plans.ts';
import type { RunContext } from './run-context.ts';

/** `readAtMs`: the channel's time, at the earliest, when its side was asked for; null where it was not. */
export type GatheredLink = LinkWithRecord & { external: ExternalRecord | null; readAtMs: number | null };

/** Records that one read asks for. */
export function pageOf({ capabilities }: Resource): number {
	return Math.min(100, capabilities.pageSize);
}

/**
 * The channel's side of claimed links, a page in a call, each leaving not later than `sendBy`. One record that breaks the reply
 * is found by halving and costs only itself. A missing id is confirmed by this direct read.
 */
export async function gather(
	run: RunContext,
	claimed: readonly LinkWithRecord[],
	sendBy: number
): Promise<{ gathered: GatheredLink[]; broken: BrokenLink[] }> {
	const present = claimed.filter(({ internal }) => internal !== null);
	const orphans = claimed
		.filter(({ internal }) => internal === null)
		.map((one) => ({ ...one, external: null, readAtMs: null }));
	const gathered: GatheredLink[] = orphans;
	const broken: BrokenLink[] = [];
	for (let start = 0; start < present.length; start += pageOf(run.resource)) {
		const read = await readHalving(run, present.slice(start, start + pageOf(run.resource)), sendBy);
		gathered.push(...read.gathered);
		broken.push(...read.broken);
	}
	return { gathered, broken };
}

async function readHalving(
	run: RunContext,
	links: readonly LinkWithRecord[],
	sendBy: number
): Promise<{ gathered: GatheredLink[]; broken: BrokenLink[] }> {
	if (links.length === 0) return { gathered: [], broken: [] };
	try {
		const keys = links.map(({ link }) => ({ id: link.externalId, variantId: link.variantId }));
		const askedMs = run.ports.clock.nowMs();
		const records = await run.resource.read(keys, { signal: run.signal, sendBy });
		const readAtMs = run.clocks.channelTimeMs(run.channel.id, askedMs);
		const byKey = new Map(records.map((record) => [`${record.id}\n${record.variantId}`, record]));
		const found = links.map((one) => ({
			...one,
			readAtMs,
			external: byKey.get(`${one.link.externalId}\n${one.link.variantId}`) ?? null
		}));
		return {
			gathered: found.filter(({ external }) => unreadableOf(external).length === 0),
			broken: found.flatMap((one) =>
				unreadableOf(one.external)
					.slice(0, 1)
					.map(([field, why]) => ({ ...brokenLink(run, one, why), field }))
			)
		};
	} catch (error) {
		if (!(error instanceof ConnectorError) || !['invalid-reply', 'rejected', 'ambiguous'].includes(error.kind))
			throw error;
		if (links.length > 1) {
			const middle = Math.ceil(links.length / 2);
			const first = await readHalving(run, links.slice(0, middle), sendBy);
			const second = await readHalving(run, links.slice(middle), sendBy);
			return { gathered: [...first.gathered, ...second.gathered], broken: [...first.broken, ...second.broken] };
		}
		return { gathered: [], broken: links.map((one) => brokenLink(run, one, error.reply ?? error.hint, error.kind)) };
	}
}

/** What of the fields that a record carries itself cannot be held by us, and why. */
function unreadableOf(external: ExternalRecord | null): [field: string, why: string][] {
	return Object.entries(external?.unreadable ?? {}).filter(([field]) => !external?.shownOnly?.includes(field));
}

function brokenLink(run: RunContext, one: LinkWithRecord, reply: string, kind = 'invalid-reply'): BrokenLink {
	const plan = planLink(
		{ ...one, external: null },
		{
			resource: run.resource,
			policy: run.channel.policy,
			live: { push: false, pull: false },
			clock: null,
			nowMs: run.ports.clock.nowMs()
		}
	);
	return { plan, kind, reply, quarantine: false };
}
