import { z } from '@hono/zod-openapi';
import type { ChannelDetail } from '#src/mappings/read-channel.ts';
import type { Connector, Session } from '../connectors/connector.ts';
import { connectorNamed } from '../connectors/registry.ts';
import type { TrustSheet } from '../connectors/trust-sheet.ts';
import type { Engine } from '../engine.ts';
import type { Clock } from '../ports.ts';
import { shaped } from './input.ts';
import { resourceSchema, resourcesIn } from './resources.ts';

export const connectionSchema = z
	.object({
		connector: z.object({ name: z.string(), label: z.string() }),
		facts: z
			.array(z.object({ label: z.string(), value: z.string() }))
			.openapi({ description: 'Its settings as the form of the connector words them; no credentials.' }),
		resources: z.array(resourceSchema),
		checkable: z
			.boolean()
			.openapi({ description: 'Any system may be behind it: what holds there is found out by a check.' }),
		trust: shaped<TrustSheet>('What the last check found, and when it was made.')
			.nullable()
			.openapi({ description: 'Null where none was made.' })
	})
	.openapi('Connection');

export type Connection = z.output<typeof connectionSchema>;

/** A server that does not answer at once is shown as what is known without it. */
const askedForMs = 1500;

/**
 * What a channel is connected to and what can be relied on there. Asks the server only where its kind is told by nothing
 * else. @throws ConnectorError `misconfigured`
 */
export async function connectionOf(
	{
		engine,
		connectors,
		clock
	}: { engine: Pick<Engine, 'openSession'>; connectors: readonly Connector[]; clock: Clock },
	channel: Pick<ChannelDetail, 'id' | 'connector' | 'settings'>
): Promise<Connection> {
	const connector = connectorNamed(channel.connector, connectors);
	const session = await engine.openSession(channel.id);
	try {
		if (connector?.asksServer) await ask(session, clock);
		return {
			connector: { name: channel.connector, label: connector?.label ?? channel.connector },
			facts: connector ? factsOf(connector, channel.settings) : [],
			resources: resourcesIn(session),
			checkable: connector?.trustSheet !== undefined,
			trust: connector?.trustSheet?.(channel.settings) ?? null
		};
	} finally {
		await session.close();
	}
}

async function ask(session: Session, clock: Clock): Promise<void> {
	const enough = new AbortController();
	const asked = session.probe({ signal: enough.signal }).catch(() => undefined);
	await Promise.race([asked, clock.sleep(askedForMs, enough.signal).catch(() => undefined)]);
	enough.abort();
}

/** Long texts are left to the form itself. */
function factsOf({ form }: Connector, settings: Readonly<Record<string, unknown>>): Connection['facts'] {
	const written = form?.write(settings) ?? {};
	return (form?.fields ?? []).flatMap(({ name, label, kind, choices }) => {
		const text = written[name] ?? '';
		if (kind === 'json' || text === '') return [];
		return [{ label, value: choices?.find(({ value }) => value === text)?.label ?? text }];
	});
}
