import { afterAll, describe, expect, it } from 'vitest';
import { exerciseConnector } from '../conformance/exercise-connector.ts';
import { partnerExercise, productExercise } from './exercises.ts';
import { whyNoTryton } from './install.mjs';
import { partnerRig, productRig } from './rig.ts';
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
	exerciseConnector({
		...productExercise,
		name: 'tryton products against a real Tryton 6.0',
		start: async () => productRig(await (await server()).freshDatabase())
	});

	exerciseConnector({
		...partnerExercise,
		name: 'tryton business partners against a real Tryton 6.0',
		start: async () => partnerRig(await (await server()).freshDatabase())
	});
}
