/** What PostgreSQL would have said: its error code and the constraint that stood in the way. */
export class DatabaseError extends Error {
	readonly code: string;
	readonly constraint_name: string | undefined;

	constructor(code: string, message: string, constraint?: string) {
		super(message);
		this.name = 'DatabaseError';
		this.code = code;
		this.constraint_name = constraint;
	}
}

/** Error 23505. */
export function uniqueViolation(constraint: string): DatabaseError {
	return new DatabaseError('23505', `duplicate key value violates unique constraint "${constraint}"`, constraint);
}

/** Error 23503. */
export function foreignKeyViolation(table: string, constraint: string): DatabaseError {
	const message = `insert or update on table "${table}" violates foreign key constraint "${constraint}"`;
	return new DatabaseError('23503', message, constraint);
}

/** Error 23502. */
export function notNullViolation(table: string, column: string): DatabaseError {
	return new DatabaseError(
		'23502',
		`null value in column "${column}" of relation "${table}" violates not-null constraint`
	);
}
