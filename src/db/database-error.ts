export type DatabaseErrorKind =
	/** No server answered at the address. */
	| 'unreachable'
	/** The server refused the user, the password or the right. */
	| 'forbidden'
	/** The server works, but is older than this product supports. */
	| 'unsupported-server'
	/** A migration did not apply; the database is as it was before. */
	| 'migration-failed'
	/** The embedded PostgreSQL cannot run on this platform or under this account. */
	| 'unsupported-host'
	/** The embedded PostgreSQL did not start or stop. */
	| 'server-failed';

/** The database cannot be used. `message` says what happened, `hint` what the operator can do about it. */
export class DatabaseError extends Error {
	override name = 'DatabaseError';
	readonly kind: DatabaseErrorKind;
	readonly hint: string;

	constructor(kind: DatabaseErrorKind, message: string, hint: string, cause?: unknown) {
		super(message, { cause });
		this.kind = kind;
		this.hint = hint;
	}
}
