/** What the ERP does not do, with the status and the words it answers. */
export class Refusal extends Error {
	readonly status: 400 | 401 | 404 | 409 | 412 | 422 | 429 | 503;
	constructor(status: Refusal['status'], message: string) {
		super(message);
		this.status = status;
	}
}
