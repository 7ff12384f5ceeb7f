import type { ChannelAccess } from '#src/store/load-channel.ts';
import type { Clocks } from './clocks.ts';
import type { Session } from './connectors/connector.ts';
import { ConnectorError } from './connectors/error.ts';
import type { Ports } from './ports.ts';

/** Opens a channel with its decrypted credentials. Makes no call. Throws ConnectorError `misconfigured`. */
export function openSession(ports: Ports, clocks: Clocks, channel: ChannelAccess): Session {
	const connector = ports.connectors.find(({ name }) => name === channel.connector);
	if (!connector)
		throw new ConnectorError('misconfigured', {
			hint: `There is no connector "${channel.connector}". Choose another for this channel.`
		});
	const credentials: Record<string, string> = {};
	for (const [field, sealed] of Object.entries(channel.credentials)) {
		try {
			credentials[field] = ports.unseal(sealed, channel.id, field);
		} catch (cause) {
			throw new ConnectorError('misconfigured', {
				hint: `The stored ${field} of ${channel.name} cannot be opened with this SECRET_KEY. Enter it again.`,
				cause
			});
		}
	}
	const session = connector.open({
		settings: channel.settings,
		credentials,
		transport: clocks.measure(channel.id, ports.transport),
		nowMs: () => ports.clock.nowMs(),
		...(ports.kept && { kept: ports.kept.of(channel) })
	});
	const sentAtMs = ports.clock.nowMs();
	const serverMs = session.nowMs?.();
	if (serverMs !== undefined) {
		clocks.observeChannel(channel.id, { sentAtMs, receivedAtMs: ports.clock.nowMs(), serverMs, resolutionMs: 0 });
	}
	return session;
}
