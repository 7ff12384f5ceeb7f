import type { ChannelStory, Story } from './story/story.ts';

/** What a demo channel holds in the story, as the body of its `PUT /admin/import`. */
export function importBody(story: Story, channel: ChannelStory['channel']): string {
	const records = (entity: ChannelStory['entity']) =>
		story.channels
			.filter((one) => one.channel === channel && one.entity === entity)
			.flatMap(({ external }) => external.filter(({ deletedAt }) => deletedAt === undefined))
			.map(({ id, fields, changedAt }) => {
				const { value, is_active: active, tax_id: vat, ...others } = fields;
				const own = entity === 'product' ? { sku: value } : { code: value, vat };
				return { id, ...others, ...own, active, updated_at: changedAt };
			});
	return JSON.stringify({ products: records('product'), partners: records('business-partner') });
}
