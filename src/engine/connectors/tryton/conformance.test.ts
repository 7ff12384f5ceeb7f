import { connect } from '../../../../tests/tryton/client.ts';
import { trytonExercises } from '../../../../tests/tryton/exercised.ts';
import { exerciseConnector } from '../../../../tests/conformance/exercise-connector.ts';
import { startFakeTryton } from './fake.ts';

for (const { exercise, rig } of trytonExercises) {
	exerciseConnector({
		...exercise,
		name: `tryton ${exercise.entity} against a fake Tryton`,
		async start() {
			const fake = await startFakeTryton();
			const { pass, stop } = fake;
			return { ...rig({ ...fake, client: await connect(fake) }), pass, stop };
		}
	});
}
