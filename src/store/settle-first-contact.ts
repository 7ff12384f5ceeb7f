import { sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import type { ChannelEntityPolicy, FirstContactChoice, FirstContactRule } from '#src/sync/policy.ts';
import { withChannelSettings } from './channel-settings.ts';
import { choiceAgainstDirection, countToSettle, noneWaiting, type FirstContactCounts } from './first-contact.ts';
import { grantEffects } from './grant-effects.ts';
import { writeAudit } from './journal.ts';
import { linkTable } from './link-state.ts';
import { lockWaitingLinks, markLinks } from './mark-links.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { firstContactMoved, fieldFlowsOneWay, nothingChosen, settingsChanged } from './refusals.ts';
import { keptElsewhere } from './source-refusals.ts';

export type SettleFirstContactInput = Person & {
	channelId: string;
	entity: string;
	/** The revision of the settings that was on the screen. */
	settingsRev: number;
	/** By field; `ask` takes an earlier choice back. Fields left out stay as they are. */
	choices: Readonly<Record<string, FirstContactRule>>;
	/** What the screen said of each field that is settled. */
	counts: Readonly<Record<string, FirstContactCounts>>;
};
export type SettleFirstContactResult = { ok: true; links: number } | Refusal;

/**
 * Settles fields at first contact for the whole set of links that there are now. Writes no record: the links are decided
 * anew by the next run under this choice, batch by batch, each loser journaled. What was approved here does not count as an
 * unusual number of updates. Refuses (`stale`) where the counts are not those that were on the screen.
 */
export async function settleFirstContact(db: Db, input: SettleFirstContactInput): Promise<SettleFirstContactResult> {
	if (Object.keys(input.choices).length === 0) return nothingChosen();
	return withChannelSettings(db, input, async (tx, entity, before): Promise<SettleFirstContactResult> => {
		const { channelId, choices } = input;
		if (before.settingsRev !== input.settingsRev) return settingsChanged();
		const wrong = choiceAgainstDirection(before.policy, choices);
		if (wrong !== null) return fieldFlowsOneWay(wrong);
		const theirs = Object.keys(choices).filter((field) => choices[field] === 'external-wins');
		const kept = keptElsewhere(entity, theirs);
		if (kept) return kept;
		await lockWaitingLinks(tx, entity, channelId);
		const { links, counts } = await countToSettle(tx, { channelId, entity: entity.name, choices });
		const moved = Object.keys(choices).find(
			(field) => choices[field] !== 'ask' && !sameCounts(counts[field] ?? noneWaiting, input.counts[field])
		);
		if (moved !== undefined) return firstContactMoved(moved);
		const { map } = linkTable(entity);
		const [newest] = await tx.execute<{ linkId: string; fingerprint: string | null }>(sql`
			select coalesce((select max(id) from ${map} where c_channel_id = ${channelId}::bigint), 0)::text as "linkId",
				(select fingerprint from c_channel_entity where c_channel_id = ${channelId}::bigint and entity = ${entity.name}) as fingerprint`);
		const set = { upToLinkId: newest?.linkId ?? '0', fingerprint: newest?.fingerprint ?? null };
		await savePolicy(tx, input, { ...before.policy, settled: settledAfter(before.policy, choices, set) });
		if (links > 0) await grantEffects(tx, { channelId, entity: entity.name, kind: 'updates', count: links });
		await markLinks(tx, entity, channelId, 'waiting');
		await writeAudit(tx, input, {
			action: 'settle-first-contact',
			object: `channel/${channelId}/${entity.name}`,
			channelId,
			detail: { choices, counts: input.counts, links, upToLinkId: set.upToLinkId }
		});
		return { ok: true, links };
	});
}

async function savePolicy(
	tx: Transaction,
	{ channelId, entity }: SettleFirstContactInput,
	policy: ChannelEntityPolicy
): Promise<void> {
	await tx.execute(sql`
		update c_channel_entity set policy = ${JSON.stringify(policy)}::text::jsonb, settings_rev = settings_rev + 1
		where c_channel_id = ${channelId}::bigint and entity = ${entity}`);
}

/** Earlier choices with these: `ask` takes one back. */
export function settledAfter(
	{ settled }: ChannelEntityPolicy,
	choices: Readonly<Record<string, FirstContactRule>>,
	set: Omit<FirstContactChoice, 'rule'>
): Record<string, FirstContactChoice> {
	const kept = Object.entries(settled ?? {}).filter(([field]) => choices[field] === undefined);
	const made = Object.entries(choices).flatMap(([field, rule]) =>
		rule === 'ask' ? [] : [[field, { rule, ...set }] as const]
	);
	return Object.fromEntries([...kept, ...made]);
}

/** Whether the screen showed what is there now. */
export function sameCounts(now: FirstContactCounts, shown: FirstContactCounts | undefined): boolean {
	return (
		shown !== undefined &&
		now.internalEmpty === shown.internalEmpty &&
		now.externalEmpty === shown.externalEmpty &&
		now.differing === shown.differing
	);
}
