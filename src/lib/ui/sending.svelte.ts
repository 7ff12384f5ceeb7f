import type { SubmitFunction } from '@sveltejs/kit';

type Answered = Parameters<Exclude<Awaited<ReturnType<SubmitFunction>>, void>>[0];

/**
 * A form that is sent once at a time, for `use:enhance`: pressed again while it is on its way, nothing more is sent. `answered`
 * does what the answer is for; without it the page takes the answer over and keeps what was entered.
 */
export function sending(answered: (answer: Answered) => Promise<void> = ({ update }) => update({ reset: false })): {
	readonly busy: boolean;
	submit: SubmitFunction;
} {
	let busy = $state(false);
	return {
		get busy() {
			return busy;
		},
		submit({ cancel }) {
			if (busy) return cancel();
			busy = true;
			return async (answer) => {
				try {
					await answered(answer);
				} finally {
					busy = false;
				}
			};
		}
	};
}
