import { afterAll, describe, expect, it } from 'vitest';
import { exerciseConnector } from '../conformance/exercise-connector.ts';
import { whyNoTryton } from './install.mjs';
import { partnerRig, productRig } from './rig.ts';
import { startTryton, type TrytonServer } from './server.ts';

const reason = whyNoTryton();
let running: Promise<TrytonServer> | undefined;
const server = () => (running ??= startTryton());

afterAll(async () => {
	await (await running)?.stop();
});

/** The body of a reply without this column in its rows, or null where it has no rows. */
function without(column: string, body: string): string | null {
	const reply = JSON.parse(body) as { result?: unknown };
	if (!Array.isArray(reply.result)) return null;
	const rows = (reply.result as unknown[]).map((row) => {
		if (typeof row !== 'object' || row === null) return row;
		return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));
	});
	return JSON.stringify({ ...reply, result: rows });
}

const oneSecondStamps = {
	reason: 'Tryton stamps with microseconds',
	tests: ['changes since a moment within the resolution of the stamp still brings the record']
};

if (reason) {
	describe('tryton against a real Tryton 6.0', () => {
		it.skip(`not run: ${reason}`, () => expect.unreachable());
	});
} else {
	exerciseConnector({
		name: 'tryton products against a real Tryton 6.0',
		entity: 'product',
		start: async () => productRig(await (await server()).freshDatabase()),
		fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
		refused: { fields: { name: null }, words: /required/i },
		unique: 'value',
		wire: 'http',
		withoutField: (body) => without('description', body),
		skip: [oneSecondStamps]
	});

	exerciseConnector({
		name: 'tryton business partners against a real Tryton 6.0',
		entity: 'business-partner',
		start: async () => partnerRig(await (await server()).freshDatabase()),
		fields: { code: 'value', name: 'name', text: 'email', active: 'is_active' },
		unique: 'value',
		wire: 'http',
		withoutField: (body) => without('name', body),
		skip: [
			oneSecondStamps,
			{ reason: 'a party has no price', tests: ['update keeps decimals exact'] },
			{
				reason: 'a party takes any name and email',
				tests: [
					'update with values that the channel refuses keeps its words and writes nothing',
					'create with values that the channel refuses keeps its words and creates nothing'
				]
			}
		]
	});
}
