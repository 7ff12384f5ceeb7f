import type { Db } from '#src/db/client.ts';
import type { ChannelEntityRow } from '#src/mappings/channel-row.ts';
import { readChannel, type ChannelDetail } from '#src/mappings/read-channel.ts';
import { notFound } from './problem.ts';

/** The channel of that id. @throws ProblemError 404 */
export async function channelOf(db: Db, channelId: string): Promise<ChannelDetail> {
	const channel = await readChannel(db, { channelId });
	if (!channel)
		throw notFound('unknown-channel', `There is no channel ${channelId}.`, 'GET /v1/channels lists the channels.');
	return channel;
}

/** The channel and what it does for this entity. @throws ProblemError 404 */
export async function channelEntityOf(
	db: Db,
	channelId: string,
	entity: string
): Promise<{ channel: ChannelDetail; settings: ChannelEntityRow }> {
	const channel = await channelOf(db, channelId);
	const settings = channel.entities.find((each) => each.entity === entity);
	if (!settings)
		throw notFound(
			'unknown-entity',
			`${channel.name} does not carry "${entity}".`,
			'GET /v1/channels shows what each channel carries.'
		);
	return { channel, settings };
}
