import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { DecisionChange } from '#src/db/schema/decisions.ts';
import { insertLink, type NewLink } from './insert-link.ts';
import { linkTable } from './link-state.ts';
import { lockCreates } from './lock-creates.ts';
import { retrying } from './transaction.ts';

export type BindIntentInput = {
	intentId: string;
	runId: string;
	/** 'create-external' when our call made the record, 'adopt' when it was found by its reference. */
	action: 'create-external' | 'adopt';
	link: NewLink;
	seen: {
		version: string | null;
		stamp: string | null;
		reference: string;
		url: string | null;
		matchKeys: readonly string[];
	};
};

/** Turns a create that reached the channel into a link. `held` = that external record is linked to another record already. */
export async function bindIntent(db: Db, input: BindIntentInput): Promise<'bound' | 'held' | 'gone'> {
	const { link } = input;
	return retrying(db, async (tx) => {
		await lockCreates(tx, link.channelId, link.entity.name);
		const [intent] = await tx.execute<{ id: string }>(
			sql`select id from sync_intent where id = ${input.intentId}::bigint for update`
		);
		if (!intent) return 'gone';
		await tx.execute(sql`
			insert into c_channel_record (c_channel_id, entity, external_id, external_variant_id, fields, version, stamp, reference, url, match_keys)
			values (${link.channelId}::bigint, ${link.entity.name}, ${link.externalId}, ${link.variantId}, ${JSON.stringify(link.baseExternal)}::text::jsonb,
				${input.seen.version}, ${input.seen.stamp}, ${input.seen.reference}, ${input.seen.url},
				array(select jsonb_array_elements_text(${JSON.stringify(input.seen.matchKeys)}::text::jsonb)))
			on conflict do nothing`);
		const linkId = await insertLink(tx, link);
		if (linkId === null) return 'held';
		await tx.execute(sql`delete from sync_intent where id = ${input.intentId}::bigint`);
		await recordCreation(tx, { ...input, linkId, side: 'external' });
		return 'bound';
	});
}

/** Journal, item and count of a record that the engine created or adopted. */
export async function recordCreation(
	tx: Parameters<typeof insertLink>[0],
	input: { runId: string; action: string; link: NewLink; linkId: string; side: 'internal' | 'external' }
): Promise<void> {
	const { link } = input;
	const changes = creationChanges(input);
	const inputs = { internal: link.baseInternal, external: link.baseExternal };
	await tx.execute(sql`
		insert into sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, run_id, actor, action, inputs, changes,
			codec_fingerprint, link_state)
		select ${link.channelId}::bigint, ${link.entity.name}, ${input.linkId}::bigint, ${link.internalId}::bigint, ${link.externalId}, ${link.variantId},
			${input.runId}::bigint, 'engine', ${input.action}, ${JSON.stringify(inputs)}::text::jsonb, ${JSON.stringify(changes)}::text::jsonb, ${link.codecFingerprint}, cm_state_began(to_jsonb(m))
		from ${linkTable(link.entity).map} m where m.id = ${input.linkId}::bigint`);
	await tx.execute(sql`
		insert into sync_item (run_id, link_id, internal_id, external_id, external_variant_id, action, outcome)
		values (${input.runId}::bigint, ${input.linkId}::bigint, ${link.internalId}::bigint, ${link.externalId}, ${link.variantId}, ${input.action}, 'created')`);
	await tx.execute(
		sql`insert into sync_batch (run_id, phase, counts) values (${input.runId}::bigint, 'create', '{"created":1}')`
	);
}

/** Every value of a record that the engine created or adopted, as changes of the side on which it is new. */
export function creationChanges(input: {
	action: string;
	link: Pick<NewLink, 'baseInternal' | 'baseExternal'>;
	side: 'internal' | 'external';
}): DecisionChange[] {
	const after = input.side === 'external' ? input.link.baseExternal : input.link.baseInternal;
	return Object.entries(after).map(([field, value]) => ({
		field,
		side: input.side,
		before: null,
		after: value,
		rule: input.action
	}));
}
