import { z } from 'zod';
import { text } from './guarded.ts';

/** Conditions on one side at most. */
export const conditionsAtMost = 20;

const condition = z.strictObject({
	field: text(80).min(1),
	type: z.enum(['text', 'decimal', 'boolean', 'reference', 'time', 'lines']),
	operator: z.enum(['is', 'is-not', 'starts-with', 'contains', 'is-empty', 'is-not-empty', 'greater', 'less']),
	value: text(500)
});
const conditions = z.array(condition).max(conditionsAtMost, `at most ${conditionsAtMost} conditions`);

/** Which records take part; whether a condition fits its field is the store's to say. */
export const scopeRules = z.strictObject({ internal: conditions.optional(), external: conditions.optional() });
