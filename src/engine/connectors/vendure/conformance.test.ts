import { exerciseConnector } from '../../../../tests/conformance/exercise-connector.ts';
import { connect } from '../../../../tests/vendure/client.ts';
import { exercisesOf } from '../../../../tests/vendure/exercises.ts';
import { customerRig, productRig } from '../../../../tests/vendure/rig.ts';
import { startFakeVendure } from './fake.ts';

for (const plugin of [false, true]) {
	const { product, customer } = exercisesOf(plugin);
	const name = (what: string) => `vendure ${what} against a fake Vendure ${plugin ? 'with' : 'without'} the plugin`;
	const start = (rig: typeof productRig) => async () => {
		const fake = await startFakeVendure({ plugin });
		return { ...rig({ ...fake, client: await connect(fake) }), stop: fake.stop };
	};

	exerciseConnector({ ...product, name: name('products'), start: start(productRig) });
	exerciseConnector({ ...customer, name: name('customers'), start: start(customerRig) });
}
