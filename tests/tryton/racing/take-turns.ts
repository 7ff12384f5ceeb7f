/** Does work when everything that was handed in before is done. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function takeTurns(): InTurn {
	let last: Promise<unknown> = Promise.resolve();
	return (work) => {
		const mine = last.then(work);
		last = mine.catch(() => undefined);
		return mine;
	};
}
