import type { ChannelEntityPolicy } from '#src/sync/policy.ts';

export const ceilingKinds = ['updates', 'creates', 'deactivations'] as const;
export type CeilingKind = (typeof ceilingKinds)[number];
type Ceilings = ChannelEntityPolicy['ceilings'];

const highest = 1_000_000;

/** Ceilings as their form shows them: a number, and a share of the links in percent. */
export function ceilingRows(ceilings: Ceilings): { kind: CeilingKind; count: number; percent: number }[] {
	return ceilingKinds.map((kind) => {
		const { count, share } = ceilings[kind];
		return { kind, count, percent: Math.round(share * 10_000) / 100 };
	});
}

/** Reads `ceiling.KIND.count` and `ceiling.KIND.percent`; what the form leaves out stays as it was. Null where one is no number in its range. */
export function ceilingsFrom(data: FormData, before: Ceilings): Ceilings | null {
	const after = { ...before };
	for (const kind of ceilingKinds) {
		const count = numberIn(data, `ceiling.${kind}.count`, before[kind].count);
		const percent = numberIn(data, `ceiling.${kind}.percent`, before[kind].share * 100);
		if (!Number.isInteger(count) || count < 0 || count > highest || !(percent >= 0 && percent <= 100)) return null;
		after[kind] = { count, share: Math.round(percent * 100) / 10_000 };
	}
	return after;
}

function numberIn(data: FormData, name: string, otherwise: number): number {
	const text = data.get(name);
	if (typeof text !== 'string') return otherwise;
	return text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
}
