import { linkedSku } from './fixture.ts';
import type { Edit, Evidence, Violation } from './evidence.ts';

/**
 * I3, no duplicates: each record that people made, on either side, is there exactly once on each side and has exactly
 * one link; nothing that we created there was ever taken over as a new record here. The ERP under test does not refuse
 * a second record with the same SKU, so only the engine can prevent one.
 *
 * Read from: who made which record (edit log and ERP history), all records of both sides, the ERP's history of creates,
 * the links.
 */
export function checkDoubles(evidence: Evidence): Violation[] {
	const made = evidence.edits.filter((edit) => edit.made && edit.field === 'name');
	const expected = new Set([
		...Array.from({ length: evidence.links }, (_, n) => linkedSku(n)),
		...made.map(({ sku }) => sku)
	]);
	const ours = evidence.ourProducts.map(({ id, value }) => ({ id, sku: value }));
	return [
		...onceEach('our side', ours, expected),
		...onceEach('the ERP', evidence.erpProducts, expected),
		...checkCreates(evidence, made),
		...checkLinks(evidence)
	];
}

function onceEach(
	where: string,
	records: readonly { id: string; sku: string }[],
	expected: ReadonlySet<string>
): Violation[] {
	const idsBySku = new Map<string, string[]>();
	for (const { id, sku } of records) idsBySku.set(sku, [...(idsBySku.get(sku) ?? []), id]);
	const several = [...idsBySku].filter(([, ids]) => ids.length > 1);
	const strange = [...idsBySku].filter(([sku]) => !expected.has(sku));
	const missing = [...expected].filter((sku) => !idsBySku.has(sku));
	const violation = (what: string, detail: unknown): Violation => ({ invariant: 'I3', what, evidence: detail });
	return [
		...several.map(([sku, ids]) => violation(`${where} has ${sku} ${ids.length} times`, { sku, ids })),
		...strange.map(([sku, ids]) => violation(`${where} has ${sku}, which nobody made`, { sku, ids })),
		...missing.map((sku) => violation(`${where} has no ${sku}`, { sku }))
	];
}

/** Every create that reached the ERP, deleted since or not: of the engine's, one for each record that a person made here. */
function checkCreates({ erpHistory }: Evidence, made: readonly Edit[]): Violation[] {
	const madeHere = new Set(made.filter(({ side }) => side === 'internal').map(({ sku }) => sku));
	const creates = erpHistory.filter(({ by, before }) => by !== 'person' && before === null);
	const seen = new Set<string>();
	return creates.flatMap((create): Violation[] => {
		const sku = String(create.after?.['sku']);
		const again = seen.has(sku);
		seen.add(sku);
		if (madeHere.has(sku) && !again) return [];
		const what = again ? `${sku} was created in the ERP again` : `${sku}, not made here, was created in the ERP`;
		return [{ invariant: 'I3', what, evidence: creates.filter(({ after }) => after?.['sku'] === sku) }];
	});
}

function checkLinks({ linkRows, ourProducts, erpProducts }: Evidence): Violation[] {
	const skuOfOurs = new Map(ourProducts.map(({ id, value }) => [id, value]));
	const skuOfTheirs = new Map(erpProducts.map(({ id, sku }) => [id, sku]));
	const linked = new Set<string>();
	const wrong = linkRows.flatMap((link): Violation[] => {
		const [ours, theirs] = [skuOfOurs.get(link.internalId), skuOfTheirs.get(link.externalId)];
		const again = ours !== undefined && linked.has(ours);
		if (ours !== undefined) linked.add(ours);
		if (ours !== undefined && ours === theirs && !again) return [];
		const what = again ? `${ours} is linked again` : `link ${link.id} joins ${ours} and ${theirs}`;
		return [{ invariant: 'I3', what, evidence: link }];
	});
	const unlinked = [...skuOfOurs.values()].filter((sku) => !linked.has(sku));
	return [
		...wrong,
		...unlinked.map((sku): Violation => ({ invariant: 'I3', what: `${sku} is not linked`, evidence: { sku } }))
	];
}
