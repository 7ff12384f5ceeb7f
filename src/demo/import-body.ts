import type { ChannelStory, Story } from './story/story.ts';

/** What a demo channel holds in the story, as the body of its `PUT /admin/import`. */
export function importBody(story: Story, channel: ChannelStory['channel']): string {
	const records = (entity: ChannelStory['entity']) =>
		story.channels
			.filter((one) => one.channel === channel && one.entity === entity)
			.flatMap(({ external }) => external.filter(({ deletedAt }) => deletedAt === undefined))
			.map(({ id, fields, changedAt }) => {
				const { value, is_active: active, tax_id: vat, category, parent, ...others } = fields;
				const own = {
					product: { sku: value, category_id: category ?? null },
					'business-partner': { code: value, vat },
					'product-category': { code: value, part_of: parent ?? null },
					warehouse: { code: value }
				};
				return { id, ...others, ...own[entity], active, updated_at: changedAt };
			});
	return JSON.stringify({
		products: records('product'),
		partners: records('business-partner'),
		categories: records('product-category'),
		warehouses: records('warehouse')
	});
}
