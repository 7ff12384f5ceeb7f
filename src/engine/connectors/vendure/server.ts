import { z } from 'zod';
import { ConnectorError } from '../error.ts';
import { parsed } from './reply-error.ts';
import type { VendureSettings } from './settings.ts';

/** The custom field that carries the reference of a create, on every entity that is created there. */
export const referenceField = 'channelMappingReference';
/**
 * What our plugin puts into the settings of that field, so that its presence can be seen without a second call; the
 * first version of it knows products and customers only.
 */
export const pluginMark = 'channel-mapping-plugin/2';
const everyPluginMark = /"channel-mapping-plugin\/\d+"/;

/** What one Vendure server is set up for, as far as a sync must know. */
export type VendureServer = {
	/** Currency of the prices that are synced. */
	currency: string;
	/** Whether that is the currency in which new variants get their price. */
	isDefaultCurrency: boolean;
	/** In all of these there may be prices. */
	currencies: readonly string[];
	/** Our plugin is installed: writes can be guarded by the state that was read. */
	hasPlugin: boolean;
	/** It is one that guards collections too. */
	guardsCollections: boolean;
	/** Entities of Vendure that have the custom field for references. */
	references: ReadonlySet<string>;
};

export const serverQuery = `query ChannelMappingServer {
	activeChannel { availableLanguageCodes defaultCurrencyCode availableCurrencyCodes }
	globalSettings {
		serverConfig {
			moneyStrategyPrecision
			entityCustomFields { entityName customFields { ... on CustomField { name ui } } }
		}
	}
}`;

const customFieldSchema = z.object({ name: z.string().optional(), ui: z.unknown() });
const serverSchema = z.object({
	activeChannel: z.object({
		availableLanguageCodes: z.array(z.string()).nullable(),
		defaultCurrencyCode: z.string(),
		availableCurrencyCodes: z.array(z.string())
	}),
	globalSettings: z.object({
		serverConfig: z.object({
			moneyStrategyPrecision: z.number().int(),
			entityCustomFields: z.array(z.object({ entityName: z.string(), customFields: z.array(customFieldSchema) }))
		})
	})
});

/** Reads the answer to `serverQuery`. Throws `misconfigured` where the settings name what this server does not have. */
export function vendureServer(data: unknown, settings: VendureSettings, from: string): VendureServer {
	const { activeChannel, globalSettings } = parsed(serverSchema, data, from, 'the question for its settings');
	const { moneyStrategyPrecision, entityCustomFields } = globalSettings.serverConfig;
	const fieldsOf = new Map(entityCustomFields.map(({ entityName, customFields }) => [entityName, customFields]));
	const wrong = wrongSetting(settings, activeChannel, moneyStrategyPrecision, (entity, name) =>
		(fieldsOf.get(entity) ?? []).some((field) => field.name === name)
	);
	if (wrong) throw new ConnectorError('misconfigured', { hint: `${from} ${wrong}` });
	const carriers = entityCustomFields.flatMap(({ entityName, customFields }) =>
		customFields.filter(({ name }) => name === referenceField).map((field) => ({ entityName, field }))
	);
	const marks = carriers.map(({ field }) => JSON.stringify(field.ui ?? null));
	const currency = settings.currency ?? activeChannel.defaultCurrencyCode;
	return {
		currency,
		isDefaultCurrency: currency === activeChannel.defaultCurrencyCode,
		currencies: activeChannel.availableCurrencyCodes,
		hasPlugin: marks.some((mark) => everyPluginMark.test(mark)),
		guardsCollections: marks.some((mark) => mark.includes(`"${pluginMark}"`)),
		references: new Set(carriers.map(({ entityName }) => entityName))
	};
}

function wrongSetting(
	settings: VendureSettings,
	channel: z.output<typeof serverSchema>['activeChannel'],
	precision: number,
	hasField: (entity: string, name: string) => boolean
): string | undefined {
	const { language, currency, priceDecimals } = settings;
	const languages = channel.availableLanguageCodes ?? [language];
	if (!languages.includes(language))
		return `has no language "${language}" in this channel, only ${languages.join(', ')}. Correct the language in the settings.`;
	if (currency !== undefined && !channel.availableCurrencyCodes.includes(currency))
		return `has no prices in ${currency} in this channel, only in ${channel.availableCurrencyCodes.join(', ')}. Correct the currency in the settings.`;
	if (precision !== priceDecimals)
		return `keeps prices with ${precision} digits after the point. Set the digits of prices to ${precision} in the settings.`;
	const named = [
		['ProductVariant', settings.gtinField],
		['Customer', settings.customerCodeField],
		['Customer', settings.taxIdField],
		['StockLocation', settings.warehouseCodeField]
	] as const;
	const missing = named.find(([entity, name]) => name !== undefined && !hasField(entity, name));
	return (
		missing &&
		`has no custom field "${missing[1]}" on ${missing[0]}. Correct its name in the settings, or add it there.`
	);
}
