import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { seal } from '#src/db/seal.ts';
import { entities } from '#src/entities/registry.ts';
import { insertWatching } from './add-channel-entities.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { channelNameTaken, unknownEntity } from './refusals.ts';
import { retrying } from './transaction.ts';

export type CreateChannelInput = Person & {
	name: string;
	connector: string;
	settings: Readonly<Record<string, unknown>>;
	/** Plain values by field; stored sealed. */
	credentials: Readonly<Record<string, string>>;
	/** Names of the entities it carries. */
	entities: readonly string[];
	secretKey: string;
};
export type CreateChannelResult = { ok: true; channelId: string } | Refusal;

/** Adds a channel. It is watching: it lists, matches and compares, and writes nothing until a direction goes live. */
export async function createChannel(db: Db, input: CreateChannelInput): Promise<CreateChannelResult> {
	const unknown = input.entities.find((name) => !entities.some((entity) => entity.name === name));
	if (unknown !== undefined) return unknownEntity(unknown, { field: 'entities' });
	return retrying(db, async (tx): Promise<CreateChannelResult> => {
		const [channel] = await tx.execute<{ id: string }>(sql`
			insert into c_channel (name, connector, settings) values (${input.name}, ${input.connector}, ${JSON.stringify(input.settings)}::text::jsonb)
			on conflict (name) do nothing returning id::text as id`);
		if (!channel) return channelNameTaken(input.name);
		const channelId = channel.id;
		await tx.execute(storeCredentials({ ...input, channelId }));
		await insertWatching(tx, channelId, input.entities);
		await writeAudit(tx, input, {
			action: 'create-channel',
			object: `channel/${channelId}`,
			channelId,
			detail: {
				name: input.name,
				connector: input.connector,
				entities: input.entities,
				credentials: Object.keys(input.credentials)
			}
		});
		return { ok: true, channelId };
	});
}

/** Seals credentials and adds them to those of the channel, with who replaced them and when. */
export function storeCredentials(
	input: Person & { channelId: string; credentials: Readonly<Record<string, string>>; secretKey: string }
) {
	const { channelId, secretKey } = input;
	const given = Object.entries(input.credentials);
	const sealed = Object.fromEntries(given.map(([field, plain]) => [field, seal(secretKey, plain, channelId, field)]));
	const fields = JSON.stringify(Object.keys(sealed));
	return sql`
		update c_channel set credentials = credentials || ${JSON.stringify(sealed)}::text::jsonb,
			credentials_changed = credentials_changed || coalesce((
				select jsonb_object_agg(value, jsonb_build_object('at', cm_iso(now()), 'by', ${input.actor.name}::text))
				from jsonb_array_elements_text(${fields}::text::jsonb)
			), '{}'), updated_at = now()
		where id = ${channelId}::bigint returning id`;
}
