/** The state of a sale that each of its methods leads to, and those it may come from. */
const steps: Readonly<Record<string, { to: string; from: readonly string[] }>> = {
	quote: { to: 'quotation', from: ['draft'] },
	confirm: { to: 'confirmed', from: ['quotation'] },
	process: { to: 'processing', from: ['confirmed'] },
	draft: { to: 'draft', from: ['quotation', 'confirmed', 'cancelled'] },
	cancel: { to: 'cancelled', from: ['draft', 'quotation'] }
};

type Row = Readonly<Record<string, unknown>> & { id: number };

/** Whether sales of a fake Tryton have a method of this name. */
export function isSaleStep(name: string, verb: string): boolean {
	return name === 'sale.sale' && verb in steps;
}

/** What the step changes in this sale; null where it is in no state for it, which Tryton passes over. */
export function afterSaleStep(verb: string, row: Row): Record<string, unknown> | null {
	const step = steps[verb];
	if (!step?.from.includes(String(row['state']))) return null;
	return { state: step.to, number: row['number'] ?? `S${row.id}` };
}

/** What Tryton works out for a line of a sale, in cents. */
export function amountOfLine({ type, quantity, unit_price: price }: Row): number {
	return type === 'line' ? Math.round(Number(quantity) * Number(price) * 100) : 0;
}

/** An amount in cents as text. */
export function moneyText(cents: number): string {
	return (cents / 100).toFixed(2);
}
