import type { Capabilities } from '../connector.ts';
import type { EntityTrust } from '../trust-sheet.ts';

/** What is left of the declared capabilities. A sheet only takes away. */
export function narrowed(
	declared: Capabilities,
	sheet: EntityTrust | undefined,
	fields: readonly string[]
): Capabilities {
	if (!sheet) return declared;
	const unguarded = sheet.preconditionHonoured === false || (sheet.versionNotMovedBy ?? []).length > 0;
	const { reference, ...rest } = declared;
	const found = reference && sheet.referenceFound !== false;
	return {
		...rest,
		precondition: unguarded ? { kind: 'none' } : declared.precondition,
		...(found && { reference: { searchLagMs: Math.max(reference.searchLagMs, sheet.referenceLagMs ?? 0) } }),
		stampResolutionMs: Math.max(declared.stampResolutionMs, sheet.stampResolutionMs ?? 0),
		stampCovers: coveredBy(declared.stampCovers, sheet, fields)
	};
}

function coveredBy(declared: Capabilities['stampCovers'], sheet: EntityTrust, fields: readonly string[]) {
	const not = new Set(sheet.stampNotMovedBy ?? []);
	if (not.size === 0) return declared;
	return (declared === 'all' ? fields : declared).filter((name) => !not.has(name));
}
