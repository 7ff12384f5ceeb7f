import type { Entity } from '#src/entities/entity.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { linkHolders } from '#src/mappings/link-holders.ts';
import type { FindPart } from './channel-card.ts';

/** Searches the channel's own records live, and says which of them are linked already. A silent engine is an answer too. */
export async function findInChannel(
	locals: App.Locals,
	input: { channel: { id: string; name: string }; entity: Entity; text: string }
): Promise<FindPart> {
	const { channel, entity, text } = input;
	const reply = await locals.engine.searchRecords(channel.id, entity.name, text);
	if (!reply.ok) {
		return reply.unreachable
			? { ok: false, text, title: m.find_engine_down(), hint: m.find_engine_down_text() }
			: {
					ok: false,
					text,
					title: m.find_failed({ channel: channel.name }),
					hint: reply.problem.hint || reply.problem.detail || reply.problem.title
				};
	}
	const records = reply.data.map(({ externalId, variantId, fields, url }) => ({
		externalId,
		variantId,
		value: String(fields['value'] ?? externalId),
		name: String(fields['name'] ?? ''),
		url
	}));
	const holders = await linkHolders(locals.db, { channelId: channel.id, entity, records });
	const heldBy = (record: { externalId: string; variantId: string }) =>
		holders.find(({ externalId, variantId }) => externalId === record.externalId && variantId === record.variantId) ??
		null;
	return { ok: true, text, found: records.map((record) => ({ ...record, heldBy: heldBy(record) })) };
}
