import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exerciseConnector } from '../conformance/exercise-connector.ts';
import { trytonExercises } from './exercised.ts';
import { whyNoTryton } from './install.mjs';
import { startTryton, type TrytonServer } from './server.ts';

const reason = whyNoTryton();
let running: Promise<TrytonServer> | undefined;
const server = () => (running ??= startTryton());

afterAll(async () => {
	await (await running)?.stop();
});

if (reason) {
	describe('tryton against a real Tryton 6.0', () => {
		it.skip(`not run: ${reason}`, () => expect.unreachable());
	});
} else {
	// Both kinds of databases are made once per machine user, which takes longer than a case may.
	beforeAll(async () => {
		await (await server()).freshDatabase('sales');
	}, 180_000);

	for (const [at, { exercise, rig }] of trytonExercises.entries()) {
		exerciseConnector({
			...exercise,
			...(at > 0 && { records: 'only' as const }),
			name: `tryton ${exercise.entity} against a real Tryton 6.0`,
			start: async () =>
				rig(await (await server()).freshDatabase(exercise.entity === 'sales-order' ? 'sales' : 'goods'))
		});
	}
}
