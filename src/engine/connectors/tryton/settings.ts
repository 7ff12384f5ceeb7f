import { z } from 'zod';

/** Settings of a Tryton channel, as an administrator fills them in. */
export const trytonSettings = z.object({
	url: z
		.url({ protocol: /^https?$/, error: 'must be the http(s) address of the Tryton server' })
		.transform((url) => url.replace(/\/+$/, '')),
	database: z.string().regex(/^[^/?#\s]+$/, 'must be the name of one database'),
	/** A Tryton user of its own for the sync: what it wrote is then told apart from what people wrote. */
	user: z.string().min(1),
	/** What Tryton runs on. Its write precondition is exact on PostgreSQL, and good to one second on SQLite. */
	backend: z.enum(['postgresql', 'sqlite']).default('postgresql'),
	/** Symbol or name of the unit that new products get. */
	unit: z.string().min(1).default('u'),
	/** Digits after the point of prices: `price_decimal` in the server's configuration. */
	priceDecimals: z.number().int().min(0).max(12).default(4),
	/** Whether a product follows its category: it then waits until that is linked too. */
	productCategory: z.enum(['leave', 'sync']).default('leave'),
	/** Type of the identifier that holds a tax number which Tryton does not have yet. */
	taxIdentifierType: z.string().min(1).default('eu_vat')
});
export type TrytonSettings = z.output<typeof trytonSettings>;
