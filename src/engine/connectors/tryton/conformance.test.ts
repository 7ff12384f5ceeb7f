import { connect } from '../../../../tests/tryton/client.ts';
import { partnerRig, productRig } from '../../../../tests/tryton/rig.ts';
import { partnerExercise, productExercise } from '../../../../tests/tryton/exercises.ts';
import { exerciseConnector } from '../../../../tests/conformance/exercise-connector.ts';
import { startFakeTryton } from './fake.ts';

async function start(rig: typeof productRig) {
	const fake = await startFakeTryton();
	const { pass, stop } = fake;
	return { ...rig({ ...fake, client: await connect(fake) }), pass, stop };
}

exerciseConnector({
	...productExercise,
	name: 'tryton products against a fake Tryton',
	start: () => start(productRig)
});

exerciseConnector({
	...partnerExercise,
	name: 'tryton business partners against a fake Tryton',
	start: () => start(partnerRig)
});
