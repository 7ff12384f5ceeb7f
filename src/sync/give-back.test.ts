import { expect, test } from 'vitest';
import { canGiveBack, type FieldNow, type WrittenValue } from './give-back.ts';

const received: WrittenValue = { field: 'price', side: 'internal', before: '10', after: '12.50' };
const sent: WrittenValue = { field: 'price', side: 'external', before: '10', after: '12.50' };
const now = (internal: string | null, base?: [internal: string, external: string]): FieldNow => ({
	type: 'decimal',
	required: false,
	internal,
	base: base ? { internal: { price: base[0] }, external: { price: base[1] } } : null
});

test('what was received is given back while our record still holds it', () => {
	expect(canGiveBack(received, now('12.500000'))).toBe(true);
	expect(canGiveBack(received, now('13'))).toBe(false);
	expect(canGiveBack(received, now(null))).toBe(false);
});

test('what was sent is given back while both sides hold what was agreed by it', () => {
	expect(canGiveBack(sent, now('12.504', ['12.504', '12.5']))).toBe(true);
	expect(canGiveBack(sent, now('13', ['12.504', '12.5']))).toBe(false);
	expect(canGiveBack(sent, now('12.504', ['12.504', '14']))).toBe(false);
	expect(canGiveBack(sent, now('12.504'))).toBe(false);
});

test('nothing is given back that stands there already, or that our record cannot hold', () => {
	expect(canGiveBack({ ...received, before: '12.5' }, now('12.5'))).toBe(false);
	expect(canGiveBack({ ...received, before: null }, { ...now('12.5'), required: true })).toBe(false);
	expect(canGiveBack({ ...received, before: null }, now('12.5'))).toBe(true);
	const flipped = { field: 'is_active', side: 'internal' as const, before: null, after: true };
	expect(canGiveBack(flipped, { ...now(null), type: 'boolean', internal: true as never })).toBe(false);
});
