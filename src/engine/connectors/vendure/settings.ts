import { z } from 'zod';

const customField = z.string().regex(/^[A-Za-z_]\w{0,60}$/, 'must be the name of a custom field');

/** Settings of a Vendure channel, as an administrator fills them in. */
export const vendureSettings = z.object({
	/** Address of the Admin API; that of the server alone stands for its usual place. */
	url: z.url({ protocol: /^https?$/, error: 'must be the http(s) address of the Admin API' }).transform(adminApiUrl),
	/** Language of the names and descriptions that are synced. */
	language: z
		.string()
		.regex(/^[a-z]{2}(_[A-Za-z]{2,8})?$/, 'must be a language code such as en or pt_BR')
		.default('en'),
	/** Token of a Vendure channel; without it the default channel is meant. */
	channelToken: z.string().min(1).optional(),
	/** Currency of the prices that are synced; without it the default currency of the Vendure channel is meant. */
	currency: z
		.string()
		.regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR')
		.optional(),
	/** Digits of a price that Vendure keeps in its whole numbers: the precision of its money strategy. */
	priceDecimals: z.number().int().min(0).max(6).default(2),
	/** Custom field of ProductVariant that holds the GTIN. */
	gtinField: customField.optional(),
	/** Custom field of Customer that holds our code of the business partner. */
	customerCodeField: customField.optional(),
	/** Custom field of Customer that holds the tax number. */
	taxIdField: customField.optional(),
	/** Custom field of StockLocation that holds our code of the warehouse. */
	warehouseCodeField: customField.optional(),
	/** Where people edit records, such as https://shop.example.com/dashboard; for links only. */
	dashboardUrl: z
		.url({ protocol: /^https?$/, error: 'must be the http(s) address of the dashboard' })
		.transform((url) => url.replace(/\/+$/, ''))
		.optional()
});
export type VendureSettings = z.output<typeof vendureSettings>;

function adminApiUrl(text: string): string {
	const url = new URL(text);
	const path = url.pathname.replace(/\/+$/, '');
	return `${url.origin}${path === '' ? '/admin-api' : path}`;
}
