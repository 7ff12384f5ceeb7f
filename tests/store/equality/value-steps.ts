import type { Maker } from './run-steps.ts';

const values = ['a', 'Tent', 'P-1', 'EUR', 'CUR-1'];

/** Calls of the verb about value tables. */
export const valueSteps: Readonly<Record<string, Maker>> = {
	saveValues: (view) => {
		const { random } = view;
		const mine = view.rows('c_channel_value', (row) => String(row['c_channel_id']) === view.channelId);
		const pair = () => ({ ours: random.pick(values), theirs: random.pick(values) });
		const input = {
			channelId: view.channelId,
			table: random.pick(['money', 'unit']),
			added: Array.from({ length: random.int(3) }, pair),
			removed: random.some(mine, 2).map(view.idOf)
		};
		return { port: 'people', verb: 'saveValues', input };
	}
};
