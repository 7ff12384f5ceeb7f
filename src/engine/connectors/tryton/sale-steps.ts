import { ConnectorError } from '../error.ts';

/** The steps of a sale: from each state, the method that leads to another. What becomes of it then ("done") Tryton finds itself. */
const steps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	draft: { quotation: 'quote', cancelled: 'cancel' },
	quotation: { confirmed: 'confirm', draft: 'draft', cancelled: 'cancel' },
	confirmed: { processing: 'process', draft: 'draft' },
	cancelled: { draft: 'draft' }
};

/**
 * The method that takes a sale from one state to another. Throws `rejected` where there is none: Tryton itself would take the call
 * and do nothing.
 */
export function stepTo(state: string, wanted: string, from: string): string {
	const possible = Object.entries(steps[state] ?? {});
	const method = possible.find(([next]) => next === wanted)?.[1];
	if (method !== undefined) return method;
	const reply = `There is no step from "${state}" to "${wanted}".`;
	const next = possible.map(([name]) => `"${name}"`).join(', ');
	const advice = next === '' ? 'What follows is done in Tryton.' : `Choose what can follow there (${next}).`;
	throw new ConnectorError('rejected', { hint: `${from} does not take this step. ${reply} ${advice}`, reply });
}
