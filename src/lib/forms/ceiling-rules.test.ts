import { expect, test } from 'vitest';
import { initialPolicy } from '#src/entities/entity.ts';
import { entities } from '#src/entities/registry.ts';
import { defaultPolicy } from '#src/sync/policy.ts';
import { ceilingRows, ceilingsFrom } from './ceiling-rules.ts';

const { ceilings } = defaultPolicy;
const filled = (values: Record<string, string>) => {
	const data = new FormData();
	for (const [name, value] of Object.entries(values)) data.set(name, value);
	return data;
};

test('ceilings are shown in percent and read back as they were', () => {
	expect(ceilingRows(ceilings)).toEqual([
		{ kind: 'updates', count: 200, percent: 30 },
		{ kind: 'creates', count: 50, percent: 5 },
		{ kind: 'deactivations', count: 10, percent: 1 }
	]);
	expect(ceilingsFrom(filled({}), ceilings)).toEqual(ceilings);
	const after = ceilingsFrom(filled({ 'ceiling.creates.count': ' 7 ', 'ceiling.updates.percent': '2,25' }), ceilings);
	expect(after).toEqual({ ...ceilings, creates: { count: 7, share: 0.05 }, updates: { count: 200, share: 0.0225 } });
});

test.each([
	['ceiling.creates.count', '-1'],
	['ceiling.creates.count', '1.5'],
	['ceiling.creates.count', ''],
	['ceiling.updates.percent', '101'],
	['ceiling.updates.percent', 'many']
])('%s = %j is refused', (name, value) => {
	expect(ceilingsFrom(filled({ [name]: value }), ceilings)).toBeNull();
});

test.each(entities)('the limits with which $name starts can be saved as they are shown', (entity) => {
	const { ceilings: own } = initialPolicy(entity);
	const shown = ceilingRows(own).flatMap(({ kind, count, percent }) => [
		[`ceiling.${kind}.count`, String(count)],
		[`ceiling.${kind}.percent`, String(percent)]
	]);
	expect(ceilingsFrom(filled(Object.fromEntries(shown) as Record<string, string>), own)).toEqual(own);
});
