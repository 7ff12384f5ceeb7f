import type { Connector } from './connector.ts';
import { rest } from './rest/index.ts';
import { tryton } from './tryton/index.ts';
import { vendure } from './vendure/index.ts';

/** Every kind of system a channel can be. One line per connector. */
export const connectors: readonly Connector[] = [rest, tryton, vendure];

/** The connector of this name, undefined where there is none. */
export function connectorNamed(name: string, list: readonly Connector[] = connectors): Connector | undefined {
	return list.find((connector) => connector.name === name);
}
