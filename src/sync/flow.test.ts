import { expect, test } from 'vitest';
import { flowOf, waysOf } from './flow.ts';
import { directions } from './policy.ts';

const rules = [false, true].flatMap((readOnly) => [
	{ name: 'price', readOnly },
	{ name: 'price', readOnly, latest: true as const }
]);

test.each(rules)('what can be chosen for a field is what it flows in, whatever its rule says: %j', (rule) => {
	const flows = directions.map((direction) => flowOf(rule, { fields: { price: { direction } } }));
	expect(new Set(flows)).toEqual(new Set(waysOf(rule)));
	for (const way of waysOf(rule)) expect(flowOf(rule, { fields: { price: { direction: way } } })).toBe(way);
});
