/** Refusal of a fake Tryton, with what goes into `error` of the reply. */
export class FakeRefusal extends Error {
	readonly body: readonly unknown[];
	constructor(...body: readonly unknown[]) {
		super(String(body[0]));
		this.body = body;
	}
}
