import type { View } from './view.ts';

/** Which records take part: none, or some of each side. */
export const scopes = ({ random }: View) => {
	const side = () =>
		random.some(
			[
				{ field: 'name', type: 'text', operator: random.pick(['contains', 'is-not', 'starts-with']), value: 'T' },
				{ field: 'value', type: 'text', operator: 'is-not-empty', value: '' },
				{ field: 'is_active', type: 'boolean', operator: 'is-not', value: random.pick(['true', 'false']) },
				{ field: 'price', type: 'decimal', operator: random.pick(['less', 'greater', 'is-not']), value: '7.0' }
			],
			2
		);
	return random.chance(0.3) ? {} : { internal: side(), ...(random.chance(0.6) ? { external: side() } : {}) };
};
