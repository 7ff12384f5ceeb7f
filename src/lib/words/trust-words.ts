import { formatBound, formatDuration } from '#src/lib/format.ts';
import { m } from '#src/lib/paraglide/messages.js';

/** What a check found about one kind of record; absent = was not tried. */
export type Trusted = {
	preconditionHonoured?: boolean | undefined;
	stampMovedBy?: readonly string[] | undefined;
	stampNotMovedBy?: readonly string[] | undefined;
	versionNotMovedBy?: readonly string[] | undefined;
	stampResolutionMs?: number | undefined;
	referenceFound?: boolean | undefined;
	referenceLagMs?: number | undefined;
	pagingStable?: boolean | undefined;
	changesComplete?: boolean | undefined;
};

/** One thing that was looked at: how it came out, and what the engine does because of it. */
export type TrustLine = { what: string; result: 'yes' | 'no' | 'not-tried'; detail: string; therefore: string };

/** A trust sheet in words. `labelOf` = how the channel calls a field. */
export function trustLines(sheet: Trusted, channel: string, labelOf: (field: string) => string): TrustLine[] {
	const named = (fields: readonly string[] = []) => fields.map(labelOf).join(', ');
	return [
		guarded(sheet, channel),
		versioned(sheet, named),
		stamped(sheet, named),
		{ ...answer(m.trust_feed(), sheet.changesComplete), therefore: unless(sheet.changesComplete, m.trust_feed_no()) },
		{ ...answer(m.trust_paging(), sheet.pagingStable), therefore: unless(sheet.pagingStable, m.trust_paging_no()) },
		referenced(sheet, channel)
	];
}

function guarded({ preconditionHonoured: honoured }: Trusted, channel: string): TrustLine {
	return { ...answer(m.trust_guard({ channel }), honoured), therefore: unless(honoured, m.trust_guard_no()) };
}

function versioned({ versionNotMovedBy: not }: Trusted, named: (fields?: readonly string[]) => string): TrustLine {
	const moves = not && not.length === 0;
	const detail = moves === false ? m.trust_not_by({ fields: named(not) }) : '';
	return { ...answer(m.trust_version(), moves), detail, therefore: unless(moves, m.trust_guard_no()) };
}

function stamped(sheet: Trusted, named: (fields?: readonly string[]) => string): TrustLine {
	const { stampMovedBy, stampNotMovedBy: not, stampResolutionMs } = sheet;
	const moves = stampMovedBy && (not ?? []).length === 0;
	const step = stampResolutionMs === undefined ? '' : m.trust_stamp_step({ step: stepWords(stampResolutionMs) });
	const by = moves === false ? m.trust_not_by({ fields: named(not) }) : '';
	const detail = [by, step].filter((part) => part !== '').join(' · ');
	return {
		...answer(m.trust_stamp(), moves),
		detail,
		therefore: unless(moves, m.trust_stamp_no({ fields: named(not) }))
	};
}

function referenced({ referenceFound: found, referenceLagMs: lagMs }: Trusted, channel: string): TrustLine {
	const lag = lagMs ? m.trust_reference_lag({ time: formatDuration(lagMs) }) : m.trust_reference_at_once();
	return {
		...answer(m.trust_reference(), found),
		detail: found ? lag : '',
		therefore: unless(found, m.trust_reference_no({ channel }))
	};
}

function answer(what: string, isSo: boolean | undefined): Omit<TrustLine, 'therefore'> {
	return { what, result: isSo === undefined ? 'not-tried' : isSo ? 'yes' : 'no', detail: '' };
}

function unless(isSo: boolean | undefined, therefore: string): string {
	return isSo === false ? therefore : '';
}

function stepWords(stepMs: number): string {
	if (stepMs < 1) return m.trust_stamp_micro();
	return stepMs < 1000 ? formatDuration(stepMs) : formatBound(stepMs);
}
