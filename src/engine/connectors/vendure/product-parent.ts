import { z } from 'zod';
import { canonical, type Value } from '#src/sync/fields.ts';
import type { ExternalRecord, FieldCodec } from '../connector.ts';
import { normalForms, readable } from '../readable.ts';
import { idText, isListedId, stampSchema, type VendureEntity, versionOf } from './entity.ts';
import { planEach } from './planned-write.ts';
import { ownSelection, productTexts, readVariant, type ProductRow, stateOf, type VariantState } from './product.ts';
import { parsed } from './reply-error.ts';
import type { VendureServer } from './server.ts';
import type { VendureSettings } from './settings.ts';
import { planParent } from './update-product.ts';

const productSchema = z.looseObject({
	id: idText,
	updatedAt: stampSchema,
	enabled: z.boolean(),
	variantList: z.object({ totalItems: z.number().int(), items: z.array(z.looseObject({})) })
});

/**
 * A product with several variants is a parent product: it carries the name that the shop shows above them, and their description.
 * With a single one it is none, and the variant carries all. It is read and guarded together with its first variant, since the
 * plugin locks products by a variant of theirs. Variants differ in options, of which nothing is known here: none is created.
 */
export function productParentEntity(settings: VendureSettings, from: string): VendureEntity<ProductRow> {
	return {
		type: 'Product',
		fields: codecs,
		stampCovers: codecs.map(({ name }) => name),
		fingerprint: `vendure/product-parent/1/${settings.language}`,
		list: 'products',
		optionsType: 'ProductListOptions',
		selection: (server) => {
			const first = `items { ${ownSelection(settings, server)} }`;
			return `${productTexts} enabled variantList(options: { take: 1, sort: { id: ASC } }) { totalItems ${first} }`;
		},
		rows(raw, server) {
			const product = parsed(productSchema, raw, from, 'products');
			const [first] = product.variantList.items;
			if (first === undefined || product.variantList.totalItems < 2) return [];
			const variant = readVariant({ ...first, product }, from);
			return [parentRow(variant, product.enabled, settings, server)];
		},
		isGuarded: ({ hasPlugin }) => hasPlugin,
		listedId: ({ id, variantId }) => (isListedId(id) && variantId === '' ? id : null),
		withCode: (text) => [{ slug: { eq: text } }],
		matching: (pattern) => [{ slug: { contains: pattern } }, { name: { contains: pattern } }],
		planUpdates: (inputs) =>
			planEach(inputs, ({ row: before, fields, server, guarded }) => {
				const update = { before, normal: normalForms(codecs, fields), settings, server, guarded };
				return planParent(update, from, (state) => {
					const { name, description } = fieldsOf(state, before.raw);
					return { fields: { ...before.record.fields, ...readable(codecs, { name, description }).fields } };
				});
			})
	};
}

const text = (value: Value) => canonical('text', value);
const once = { readOnly: true, once: true } as const;
const codecs: readonly FieldCodec[] = [
	{ name: 'value', type: 'text', label: 'Slug', normal: text, ...once },
	{ name: 'name', type: 'text', label: 'Name', normal: text },
	{ name: 'description', type: 'text', label: 'Description', normal: text },
	{ name: 'is_active', type: 'boolean', label: 'Enabled', normal: (value) => canonical('boolean', value), ...once }
];

function parentRow(
	raw: ProductRow['raw'],
	isEnabled: boolean,
	settings: VendureSettings,
	server: VendureServer
): ProductRow {
	const { product } = raw;
	const state = stateOf(raw, settings, server);
	const own = product.translations.find(({ languageCode }) => languageCode === settings.language);
	const slug = own?.slug ?? product.translations[0]?.slug ?? null;
	const record: ExternalRecord = {
		id: product.id,
		variantId: '',
		version: server.hasPlugin ? versionOf(state) : null,
		stamp: product.updatedAt,
		...readable(codecs, { value: slug, ...fieldsOf(state, raw), is_active: isEnabled }),
		reference: null,
		...(settings.dashboardUrl !== undefined && { url: `${settings.dashboardUrl}/products/${product.id}` })
	};
	return { record, state, raw };
}

/** Where a text is not there in the language of the channel, Vendure shows another one, and so do we. */
function fieldsOf({ productTranslation }: VariantState, { product }: ProductRow['raw']) {
	const [shown] = product.translations;
	return {
		name: productTranslation.name ?? shown?.name ?? null,
		description: productTranslation.description ?? shown?.description ?? null
	};
}
