import { exerciseConnector } from '../../../../tests/conformance/exercise-connector.ts';
import { connect } from '../../../../tests/vendure/client.ts';
import { exercisesOf } from '../../../../tests/vendure/exercises.ts';
import { startFakeVendure } from './fake.ts';

for (const plugin of [false, true]) {
	for (const { exercise, rig } of exercisesOf(plugin)) {
		exerciseConnector({
			...exercise,
			name: `vendure ${exercise.entity} against a fake Vendure ${plugin ? 'with' : 'without'} the plugin`,
			async start() {
				const fake = await startFakeVendure({ plugin });
				return { ...rig({ ...fake, client: await connect(fake) }), stop: fake.stop };
			}
		});
	}
}
