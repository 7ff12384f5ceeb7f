import { z } from '@hono/zod-openapi';
import { entities } from '#src/entities/registry.ts';
import type { Session } from '../connectors/connector.ts';
import type { Engine } from '../engine.ts';
import { shapedResource } from '../runs/shaped-resource.ts';

export const resourceSchema = z
	.object({
		entity: z.string(),
		fields: z.array(
			z.object({
				name: z.string().openapi({
					description:
						'Our name; one that our records have no field for is read and left alone until an administrator adds it.'
				}),
				label: z.string().openapi({ description: 'How the channel calls it.' }),
				table: z.string().optional().openapi({ description: 'The value table that its values are in.' }),
				readOnly: z.boolean().openapi({ description: 'It is received and never sent.' })
			})
		),
		updates: z.boolean().openapi({ description: 'Records there can be changed.' }),
		creates: z.boolean().openapi({ description: 'Records can be created there without risking a second one.' }),
		guard: z.enum(['strict', 'coarse', 'none']).openapi({
			description:
				'What keeps a write from passing over an edit it has not seen: the channel refuses it (strict), it refuses it by a stamp with a coarse clock (coarse), nothing (none).'
		}),
		settleMs: z.int().nullable().openapi({ description: 'How long a write waits for a coarse stamp.' }),
		feed: z.object({ overlapMs: z.int() }).nullable().openapi({
			description:
				'It lists what changed since, and how far back that is asked for again; null = everything is compared.'
		})
	})
	.openapi('Resource');

export type ChannelResource = z.output<typeof resourceSchema>;

/** What the channel's connector offers under its settings. @throws ConnectorError `misconfigured` */
export async function resourcesOf(
	{ engine }: { engine: Pick<Engine, 'openSession'> },
	channel: { id: string }
): Promise<ChannelResource[]> {
	const session = await engine.openSession(channel.id);
	try {
		return resourcesIn(session);
	} finally {
		await session.close();
	}
}

/** The same of a session that is open; as exact as what it has asked so far. */
export function resourcesIn(session: Session): ChannelResource[] {
	return entities.flatMap((entity) => {
		const { name } = entity;
		const offered = session.resource(name);
		if (!offered) return [];
		const resource = shapedResource(entity, offered);
		const fields = resource.fields.map((field) => ({
			name: field.name,
			label: field.label,
			...(field.table === undefined ? {} : { table: field.table }),
			readOnly: field.readOnly ?? false
		}));
		const creates = resource.create !== undefined && resource.capabilities.reference !== undefined;
		const { precondition, overlapMs } = resource.capabilities;
		return [
			{
				entity: name,
				fields,
				updates: resource.update !== undefined,
				creates,
				guard: precondition.kind,
				settleMs: precondition.kind === 'coarse' ? precondition.settleMs : null,
				feed: resource.changes ? { overlapMs } : null
			}
		];
	});
}
