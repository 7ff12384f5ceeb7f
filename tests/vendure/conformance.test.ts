import { afterAll, describe, expect, inject, it } from 'vitest';
import { exerciseConnector } from '../conformance/exercise-connector.ts';
import { exercisesOf } from './exercises.ts';
import { vendureVersion, whyNoVendure } from './install.mjs';
import { startVendure, type VendureServer } from './server.ts';

const reason = whyNoVendure();
/** Most of it for the records of more than one page, which are made there one by one. */
const patienceMs = 420_000;
const running = new Map<boolean, Promise<VendureServer>>();

function server(plugin: boolean): Promise<VendureServer> {
	const started = running.get(plugin) ?? startVendure(inject('templateUrl'), { plugin });
	running.set(plugin, started);
	return started;
}

afterAll(async () => {
	for (const started of running.values()) await (await started).stop();
});

if (reason) {
	describe(`vendure against a real Vendure ${vendureVersion}`, () => {
		it.skip(`not run: ${reason}`, () => expect.unreachable());
	});
} else {
	for (const plugin of [true, false]) {
		for (const [at, { exercise, rig }] of exercisesOf(plugin).entries()) {
			const name = `vendure ${exercise.entity} against a real Vendure ${vendureVersion} ${plugin ? 'with' : 'without'} the plugin`;
			exerciseConnector({
				...exercise,
				...(at > 0 && { records: 'only' as const }),
				name,
				patienceMs,
				start: async () => rig(await server(plugin))
			});
		}
	}
}
