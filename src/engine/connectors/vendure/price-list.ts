import { z } from 'zod';
import { canonical } from '#src/sync/fields.ts';
import type { CallOptions, ExternalRecord, FieldCodec, Resource } from '../connector.ts';
import type { AdminApi } from './admin-api.ts';
import { stampSchema } from './entity.ts';
import { parsed } from './reply-error.ts';

const channelSchema = z.object({
	activeChannel: z.object({ updatedAt: stampSchema, availableCurrencyCodes: z.array(z.string()) })
});

/**
 * The price lists of a Vendure channel are its currencies, each of which all variants may have a price in. They are set up there,
 * and have nothing to write; where one of ours is made from it, it is named after the currency.
 */
export function priceListResource(api: AdminApi): Resource {
	async function all(options?: CallOptions): Promise<readonly ExternalRecord[]> {
		const document = 'query ChannelMappingCurrencies { activeChannel { updatedAt availableCurrencyCodes } }';
		const data = await api.ask({ document, purpose: 'read' }, {}, options);
		const { activeChannel } = parsed(channelSchema, data, api.from, 'the question for its currencies');
		return activeChannel.availableCurrencyCodes.toSorted().map((currency) => ({
			id: currency,
			variantId: '',
			version: null,
			stamp: activeChannel.updatedAt,
			fields: { value: currency, name: `Prices in ${currency}`, currency },
			reference: null
		}));
	}
	return {
		fields: codecs,
		capabilities: {
			precondition: { kind: 'none' },
			stampResolutionMs: 1,
			stampCovers: 'all',
			overlapMs: 0,
			pageSize: 100
		},
		fingerprint: 'vendure/price-list/1',
		list: async (_, options) => ({ records: await all(options), next: null }),
		async read(keys, options) {
			const wanted = new Set(keys.filter(({ variantId }) => variantId === '').map(({ id }) => id));
			return wanted.size === 0 ? [] : (await all(options)).filter(({ id }) => wanted.has(id));
		},
		async search(text, options) {
			const wanted = text.trim().toLowerCase();
			return (await all(options)).filter(({ fields }) => String(fields['name']).toLowerCase().includes(wanted));
		}
	};
}

const text: FieldCodec['normal'] = (value) => canonical('text', value);

const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Currency', normal: text, readOnly: true, once: true },
	{ name: 'name', type: 'text', label: 'Currency', normal: text, readOnly: true, once: true },
	{ name: 'currency', type: 'text', label: 'Currency', normal: text, readOnly: true }
];
