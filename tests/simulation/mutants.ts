import { playSeeds } from './farm.ts';
import { pairs, remedies } from './remedies.ts';

/** Plays schedules without each remedy until one is violated. Returns the exit code. */
export async function judgeMutants({ first, count, json }: { first: number; count: number; json: boolean }): Promise<number> {
	const mutants = [...remedies.map(({ name }) => [name]), ...pairs.map(({ names }) => [...names])];
	for (const without of mutants) {
		let caught: { seed: number; invariant: string } | null = null;
		const seeds = Array.from({ length: count }, (_, index) => first + index);
		await playSeeds({
			seeds,
			without,
			onPlayed({ seed, violations: [violation] }) {
				if (!violation) return true;
				caught = { seed, invariant: violation.invariant };
				return false;
			}
		});
		console.log(json ? JSON.stringify({ without, caught }) : `${without.join(' + ')} ${JSON.stringify(caught)}`);
	}
	return 0;
}
