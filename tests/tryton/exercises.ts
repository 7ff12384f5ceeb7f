import type { Exercise } from '../conformance/exercise-connector.ts';
import { skips } from '../conformance/skips.ts';

/** What the conformance suite tries on Tryton, the same for the real one and for the fake. */
export type TrytonExercise = Omit<Exercise, 'name' | 'start'>;

const oneSecondStamps = {
	reason: 'Tryton stamps with microseconds',
	tests: ['changes since a moment within the resolution of the stamp still brings the record']
};

export const productExercise: TrytonExercise = {
	entity: 'product',
	fields: { code: 'value', name: 'name', text: 'description', price: 'price', active: 'is_active' },
	refused: { fields: { name: null }, words: /required/i },
	unique: 'value',
	wire: 'http',
	withoutField: (body) => without('description', body),
	skip: [oneSecondStamps]
};

export const partnerExercise: TrytonExercise = {
	entity: 'business-partner',
	fields: { code: 'value', name: 'name', text: 'email', active: 'is_active' },
	unique: 'value',
	wire: 'http',
	withoutField: (body) => without('name', body),
	skip: [
		oneSecondStamps,
		{ reason: 'a party has no price', tests: ['update keeps decimals exact'] },
		{
			reason: 'a party takes any name and email',
			tests: [
				'update with values that the channel refuses keeps its words and writes nothing',
				'create with values that the channel refuses keeps its words and creates nothing'
			]
		}
	]
};

export const parentExercise: TrytonExercise = {
	entity: 'product-parent',
	fields: { code: 'name', name: 'name', price: 'price' },
	refused: { fields: { name: null }, words: /required/i },
	wire: 'http',
	withoutField: (body) => without('products', body),
	skip: [oneSecondStamps, skips.reference, skips.longText, skips.archive]
};

export const categoryExercise: TrytonExercise = {
	entity: 'product-category',
	fields: { code: 'name', name: 'name' },
	refused: { fields: { name: null }, words: /required|not valid/i },
	wire: 'http',
	withoutField: (body) => without('rec_name', body),
	skip: [oneSecondStamps, skips.reference, skips.longText, skips.archive, skips.price]
};

export const warehouseExercise: TrytonExercise = {
	entity: 'warehouse',
	fields: { code: 'value', name: 'name', active: 'is_active' },
	refused: { fields: { name: null }, words: /required/i },
	wire: 'http',
	withoutField: (body) => without('code', body),
	skip: [oneSecondStamps, skips.reference, skips.longText, skips.price]
};

export const priceListExercise: TrytonExercise = {
	entity: 'price-list',
	fields: { code: 'name', name: 'name', active: 'is_active' },
	refused: { fields: { name: null }, words: /required/i },
	wire: 'http',
	withoutField: (body) => without('company.', body),
	skip: [oneSecondStamps, skips.reference, skips.longText, skips.price]
};

export const productPriceExercise: TrytonExercise = {
	entity: 'product-price',
	keyed: true,
	fields: { code: 'value', name: 'price', price: 'price' },
	named: (text) => `${text.length}.5`,
	refused: { fields: { price: null }, words: /always has a price/ },
	wire: 'http',
	withoutField: (body) => without('formula', body),
	skip: [oneSecondStamps, skips.longText, skips.archive, skips.code, skips.unique]
};

/** Only the state is written, by steps: a quotation is cancelled, unless somebody took it back before. */
const states: Readonly<Record<string, string>> = { Tent: 'quotation', Theirs: 'draft' };

export const salesOrderExercise: TrytonExercise = {
	entity: 'sales-order',
	keyed: true,
	fields: { code: 'value', name: 'status' },
	named: (text) => states[text] ?? 'cancelled',
	refused: { fields: { status: 'done' }, words: /no step from "quotation" to "done"/ },
	wire: 'http',
	withoutField: (body) => without('state', body),
	skip: [oneSecondStamps, skips.reference, skips.longText, skips.archive, skips.price, skips.code]
};

/** The body of a reply without this column in its rows, or null where it has no rows. */
function without(column: string, body: string): string | null {
	const reply = JSON.parse(body) as { result?: unknown };
	if (!Array.isArray(reply.result)) return null;
	const rows = (reply.result as unknown[]).map((row) => {
		if (typeof row !== 'object' || row === null) return row;
		return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));
	});
	return JSON.stringify({ ...reply, result: rows });
}
