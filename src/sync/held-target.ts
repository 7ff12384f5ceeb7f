/** Where others name what is waited for, a record names this that waits for its own values to be put right. */
export const heldTarget = 'held';
