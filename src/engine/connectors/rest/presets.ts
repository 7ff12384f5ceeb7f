import type { SettingsPreset } from '../connector.ts';
import businessCentral from './presets/business-central.json' with { type: 'json' };
import odoo from './presets/odoo.json' with { type: 'json' };
import sapBusinessOne from './presets/sap-business-one.json' with { type: 'json' };
import shopify from './presets/shopify.json' with { type: 'json' };
import woocommerce from './presets/woocommerce.json' with { type: 'json' };

const files = {
	'business-central': { label: 'Business Central', file: businessCentral },
	odoo: { label: 'Odoo', file: odoo },
	'sap-business-one': { label: 'SAP Business One', file: sapBusinessOne },
	shopify: { label: 'Shopify', file: shopify },
	woocommerce: { label: 'WooCommerce', file: woocommerce }
};

export type RestPreset = keyof typeof files;

/** Descriptions of known systems that a channel can start from; none was tried on the real service. */
export const restPresets: readonly SettingsPreset[] = Object.entries(files).map(([name, { label, file }]) => {
	// Leads to the schema from where the file lies.
	const { $schema: _schema, ...settings } = file;
	return { name, label, about: settings.about, settings };
});
