/** Refusal of a fake Vendure, with what goes into `errors` of the answer and its status. */
export class FakeRefusal extends Error {
	readonly code: string;
	readonly status: number;

	constructor(code: string, message: string, status = 200) {
		super(message);
		this.code = code;
		this.status = status;
	}
}

/** What the database below says reaches the caller as it is. */
export function databaseRefusal(message: string): FakeRefusal {
	return new FakeRefusal('INTERNAL_SERVER_ERROR', message);
}
