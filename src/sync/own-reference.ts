/**
 * The text by which a record we create at a channel is found again: always the same for one record of ours, so that a
 * create whose answer was lost is adopted and never repeated.
 */
export function referenceOf(installationKey: string, entity: string, internalId: string): string {
	return `cm-${installationKey}-${entity}-${internalId}`;
}

/** Whether this installation made the record that carries the reference. */
export function isOurReference(installationKey: string | null, reference: string | null): boolean {
	return installationKey !== null && reference !== null && reference.startsWith(`cm-${installationKey}-`);
}
