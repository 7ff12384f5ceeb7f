import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOfReferences, referenceOf, sealed, unsealed } from './reference-row.ts';
import {
	changedSince,
	dayOf,
	laterOf,
	literalPattern,
	stampOf,
	toWireDateTime,
	wireDate,
	wireDateTime,
	wireDecimal,
	wireFlag
} from './wire.ts';

describe('times', () => {
	it('keep every microsecond on the way in and out', () => {
		const instant = fc.date({
			min: new Date('1970-01-01T00:00:00Z'),
			max: new Date('2099-12-31T23:59:59Z'),
			noInvalidDate: true
		});
		fc.assert(
			fc.property(instant, fc.integer({ min: 0, max: 999 }), (date, micros) => {
				const iso = date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
				expect(stampOf({ write_date: toWireDateTime(iso), create_date: null })).toBe(iso);
			})
		);
	});

	it('may be days', () => {
		const day = { __class__: 'date', year: 2026, month: 3, day: 5 };
		expect(dayOf(wireDate.parse(day))).toBe('2026-03-05');
		for (const over of [{ month: 13 }, { month: 2, day: 30 }, { year: 0 }])
			expect(wireDate.safeParse({ ...day, ...over }).success).toBe(false);
	});

	it('come from the create where nobody wrote yet', () => {
		const created = toWireDateTime('2026-11-28T15:00:00Z');
		expect(stampOf({ write_date: null, create_date: created })).toBe('2026-11-28T15:00:00.000000Z');
		expect(stampOf({ write_date: null, create_date: null })).toBeNull();
		expect(JSON.stringify(changedSince(created))).toContain('["write_date","=",null]');
	});

	it.each([{ month: 13 }, { month: 2, day: 30 }, { year: 0 }, { year: 12_345 }, { second: 60 }, { microsecond: -1 }])(
		'that no calendar has are refused: %o',
		(over) => {
			const moment = toWireDateTime('2026-11-28T15:00:00.000001Z');
			expect(wireDateTime.safeParse(moment).success).toBe(true);
			expect(wireDateTime.safeParse({ ...moment, ...over }).success).toBe(false);
		}
	);

	it('of two rows, the later one counts', () => {
		expect(laterOf('2026-11-28T15:00:00.000009Z', '2026-11-28T15:00:00.000010Z')).toMatch(/10Z$/);
		expect(laterOf(null, 'x')).toBe('x');
	});

	it.each(['2026-11-28', 'yesterday', '2026-11-28T15:00:00+01:00', ''])('that are not UTC are refused: %s', (text) => {
		expect(() => toWireDateTime(text)).toThrow(expect.objectContaining({ kind: 'misconfigured' }) as Error);
	});
});

describe('values', () => {
	it('a decimal is plain text, whatever Python makes of it', () => {
		const plain = (decimal: string) => wireDecimal.parse({ __class__: 'Decimal', decimal });
		expect(['12.50', '1E+3', '1.5E-3', '-2E-1', '0E-8'].map(plain)).toEqual([
			'12.50',
			'1000',
			'0.0015',
			'-0.2',
			'0.00000000'
		]);
		expect(() => plain('NaN')).toThrow();
	});

	it('a flag is the same from both databases', () => {
		expect([true, 1, false, 0, null].map((flag) => wireFlag.parse(flag))).toEqual([true, true, false, false, false]);
		expect(() => wireFlag.parse('true')).toThrow();
	});

	it('a search text has no wildcards', () => {
		expect(literalPattern('50%_\\')).toBe('50\\%\\_\\\\');
	});
});

describe('the identifier row of a reference', () => {
	const row = (code: string, type: string | null = null) => [{ type, code }];

	it('gives back any reference, to its own record only once it is sealed', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (reference) => {
				expect(referenceOf(row(unsealed(reference)), 5)).toBe(reference);
				expect(referenceOf(row(sealed(reference, 5)), 5)).toBe(reference);
				expect(referenceOf(row(sealed(reference, 5)), 6)).toBeNull();
			})
		);
	});

	it('is no other identifier', () => {
		expect(referenceOf(row('4006381333931', 'ean'), 1)).toBeNull();
		expect(referenceOf(row(unsealed('r'), 'ean'), 1)).toBeNull();
		for (const odd of ['%E0%A4%A', '%00', '\ud800', 'x'.repeat(600)]) {
			expect(referenceOf(row(`channel-mapping:${odd}`), 1)).toBeNull();
		}
		expect(referenceOf([], 1)).toBeNull();
	});

	it('is searched without wildcards', () => {
		expect(JSON.stringify(domainOfReferences(['a_b']))).toContain('a\\\\_b#%');
	});
});
