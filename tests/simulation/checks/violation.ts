/** One broken promise: which invariant, and what was found. */
export type Violation = { invariant: string; what: string };
