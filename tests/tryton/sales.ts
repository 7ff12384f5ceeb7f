import type { Rig } from '../conformance/exercise-connector.ts';
import { decimal, type TrytonClient } from './client.ts';
import { rigBase } from './rig.ts';
import type { TrytonDatabase } from './server.ts';

/** What a line of a new sale says; without a product it is a fee. */
export type SoldLine = { product?: number; text?: string; quantity: number; price: string; taxes?: readonly number[] };

const methods: Readonly<Record<string, string>> = { quotation: 'quote', draft: 'draft', cancelled: 'cancel' };
const oneTent: readonly SoldLine[] = [{ text: 'Tent', quantity: 2, price: '45.50' }];

/** Sales of a Tryton database; what its users change is the state, by the buttons of the form. */
export function salesOrderRig(database: TrytonDatabase): Rig {
	const { client } = database;
	const model = 'sale.sale';
	const step = (ids: readonly number[], state: string) => client.call(`${model}.${methods[state]}`, ids);
	return {
		...rigBase(database),
		async seed(records) {
			const columns = await newCustomer(client);
			const sales = records.map(({ value }) => ({ ...columns, number: value, lines: linesOf(oneTent) }));
			const ids = await client.call<number[]>(`${model}.create`, sales);
			await step(ids, 'quotation');
			return ids.map((id) => ({ id: String(id), variantId: '' }));
		},
		edit: async (key, { status }) => void (await step([Number(key.id)], String(status))),
		async remove(key) {
			await step([Number(key.id)], 'cancelled');
			await client.remove(model, Number(key.id));
		}
	};
}

/** Makes a quotation as a person would, who then sends it, for a new customer where `more` names none; answers its id. */
export async function addQuotation(
	client: TrytonClient,
	lines: readonly SoldLine[],
	more: Readonly<Record<string, unknown>> = {}
): Promise<number> {
	const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
	const customer = 'party' in more ? {} : await newCustomer(client);
	const values = { ...customer, lines: linesOf(lines, Number(unit['id'])), ...more };
	const id = await client.create('sale.sale', values);
	await client.call('sale.sale.quote', [id]);
	return id;
}

/** Lets a product be sold. */
export async function makeSalable(client: TrytonClient, templateId: string): Promise<void> {
	const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
	await client.write('product.template', Number(templateId), { salable: true, sale_uom: unit['id'] });
}

/** Adds taxes of these rates, such as "0.19", as an accountant would; answers their ids. */
export async function addTaxes(client: TrytonClient, ...rates: string[]): Promise<number[]> {
	const company = (await client.one('company.company', [], ['id']))['id'];
	const type = await client.create('account.account.type', { name: 'Liabilities', company, statement: 'balance' });
	const account = await client.create('account.account', { name: 'Tax to pay', company, type });
	const taxes = rates.map((rate) => ({
		...{ name: `VAT ${rate}`, description: `VAT ${rate}`, company, type: 'percentage', rate: decimal(rate) },
		...{ invoice_account: account, credit_note_account: account }
	}));
	return client.call<number[]>('account.tax.create', taxes);
}

export async function stateOf(client: TrytonClient, id: number): Promise<string> {
	return String((await client.one('sale.sale', [['id', '=', id]], ['state']))['state']);
}

let parties = 0;

/** A customer, as what a sale says of one. Invoices are made by hand, so that no accounts are needed. */
export async function newCustomer(client: TrytonClient): Promise<Record<string, unknown>> {
	parties += 1;
	const code = `SOLD-${Date.now().toString(36)}-${parties}`;
	const party = await client.create('party.party', { code, name: 'Kayak Club', addresses: [['create', [{}]]] });
	const address = (await client.one('party.address', [['party', '=', party]], ['id']))['id'];
	const currency = (await client.one('currency.currency', [['code', '=', 'EUR']], ['id']))['id'];
	return { party, currency, invoice_address: address, shipment_address: address, ...byHand };
}

const byHand = { invoice_method: 'manual', shipment_method: 'order' };

function linesOf(lines: readonly SoldLine[], unit?: number): unknown[] {
	const values = lines.map(({ product, text = null, quantity, price, taxes }) => ({
		type: 'line',
		description: text,
		quantity,
		unit_price: decimal(price),
		...(product !== undefined && { product, unit }),
		...(taxes && { taxes: [['add', taxes]] })
	}));
	return [['create', values]];
}
