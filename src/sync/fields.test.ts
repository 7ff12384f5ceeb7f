import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeOf } from './change.ts';
import { canonical, isBelow, lessDecimals, roundDecimal, type FieldType, type Value } from './fields.ts';
import { matchCode } from './match-code.ts';
import { epochMicros, isoFromMicros } from './settle.ts';

const type = fc.constantFrom<FieldType>('text', 'decimal', 'boolean');
const value: fc.Arbitrary<Value> = fc.oneof(fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null));
const units = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
const decimalOf = (count: bigint, scale: number) => {
	const digits = (count < 0n ? -count : count).toString().padStart(scale + 1, '0');
	const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
	return count < 0n ? `-${text}` : text;
};

test('spelling is not content: texts', () => {
	for (const [one, other] of [
		['Zelt', ' Zelt\u00a0\n'],
		['a\r\nb\rc', 'a\nb\nc'],
		['Caf\u00e9', 'Cafe\u0301'],
		['', null],
		['   ', null]
	] as const)
		expect(canonical('text', one)).toBe(canonical('text', other));
	expect(canonical('text', 'Zelt')).not.toBe(canonical('text', 'zelt'));
	expect(canonical('text', 'a  b')).not.toBe(canonical('text', 'a b'));
});

test('spelling is not content: decimals', () => {
	for (const one of ['12.5', '12.50', '+12.500000', '0012.5', ' 12.5 ']) expect(canonical('decimal', one)).toBe('12.5');
	for (const zero of ['0', '-0', '0.000', '.0', '-.0']) expect(canonical('decimal', zero)).toBe('0');
	for (const odd of ['.', '-', '+', '1,5', '1e3', 'NaN']) expect(canonical('decimal', odd)).toBe(odd);
	expect(canonical('decimal', '')).toBeNull();
});

test('the form of comparison is reached in one step', () => {
	fc.assert(fc.property(type, value, (kind, some) => canonical(kind, canonical(kind, some)) === canonical(kind, some)));
});

test('two decimals are equal exactly where their numbers are', () => {
	const scale = fc.nat(6);
	fc.assert(
		fc.property(units, scale, units, scale, (one, oneScale, other, otherScale) => {
			const same = one * 10n ** BigInt(otherScale) === other * 10n ** BigInt(oneScale);
			return (
				(canonical('decimal', decimalOf(one, oneScale)) === canonical('decimal', decimalOf(other, otherScale))) === same
			);
		})
	);
	fc.assert(
		fc.property(units, scale, scale, (one, some, more) => {
			const padded = decimalOf(one * 10n ** BigInt(more), some + more);
			return canonical('decimal', padded) === canonical('decimal', decimalOf(one, some));
		})
	);
});

test('decimals are subtracted exactly at any size; what is no number counts as nothing', () => {
	expect(lessDecimals('10.000000', ['2', '0.5'])).toBe('7.5');
	expect(lessDecimals('0.1', ['0.3'])).toBe('-0.2');
	expect(lessDecimals('123456789012345678901.25', ['-0.75', 'null', ''])).toBe('123456789012345678902');
	expect([isBelow('-0.1', '0'), isBelow('0', '0'), isBelow('0.1', '0')]).toEqual([true, false, false]);
	const scale = fc.nat(6);
	fc.assert(
		fc.property(units, units, scale, (one, other, digits) => {
			const left = lessDecimals(decimalOf(one, digits), [decimalOf(other, digits)]);
			return left === canonical('decimal', decimalOf(one - other, digits));
		})
	);
});

test('rounding is half away from zero, exact at any size, idempotent, and leaves no decimal alone', () => {
	expect(['1.005', '-1.005', '0.1', '2.675', '-0.004', '1e3'].map((text) => roundDecimal(text, 2))).toEqual([
		'1.01',
		'-1.01',
		'0.10',
		'2.68',
		'0.00',
		'1e3'
	]);
	expect(roundDecimal('99999999999999999999.5', 0)).toBe('100000000000000000000');
	fc.assert(
		fc.property(units, fc.nat(6), fc.nat(6), (count, scale, target) => {
			const rounded = roundDecimal(decimalOf(count, scale), target);
			expect(roundDecimal(rounded, target)).toBe(rounded);
			const factor = 10n ** BigInt(scale);
			const scaled = (count < 0n ? -count : count) * 10n ** BigInt(target);
			const nearest = (2n * scaled + factor) / (2n * factor);
			expect(rounded).toBe(decimalOf(count < 0n ? -nearest : nearest, target));
		})
	);
});

test('how a side moved since the base', () => {
	expect(changeOf('text', undefined, 'a')).toBe('created');
	expect(changeOf('text', 'a', ' a ')).toBe('unchanged');
	expect(changeOf('text', null, 'a')).toBe('created');
	expect(changeOf('text', 'a', '')).toBe('deleted');
	expect(changeOf('decimal', '1.0', '1.01')).toBe('updated');
});

test('codes are read alike however they are respelled, and letters of any script keep them apart', () => {
	for (const code of ['AB-12/x', 'ab12X', ' AB 12.x ', 'AB\u201312\u00a0x']) expect(matchCode(code)).toBe('ab12x');
	expect([matchCode('--'), matchCode(''), matchCode(null), matchCode(true)]).toEqual([null, null, null, null]);
	expect(matchCode('\u00c4-100')).not.toBe(matchCode('\u00d6-100'));
	expect(matchCode('\u0416-7')).not.toBe(matchCode('\u0418-7'));
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('-', ' ', '.', '/', '_', '\u00a0'), (text, sign) => {
			const code = matchCode(text);
			return matchCode(code) === code && matchCode([...text].join(sign)) === code;
		})
	);
});

test('every microsecond has its text, and the text gives it back', () => {
	for (const iso of ['1969-12-31T23:59:59.999999Z', '0001-01-01T00:00:00.000000Z', '9999-12-31T23:59:59.999999Z'])
		expect(isoFromMicros(epochMicros(iso)!)).toBe(iso);
	expect(isoFromMicros(10n ** 20n)).toBe('9999-12-31T23:59:59.999999Z');
	expect(isoFromMicros(-(10n ** 20n))).toBe('0001-01-01T00:00:00.000000Z');
	const moment = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
	fc.assert(fc.property(moment, (micros) => epochMicros(isoFromMicros(micros)) === micros));
});

test('stamps are read to the microsecond, anything but UTC is refused', () => {
	expect(epochMicros('1970-01-01T00:00:01.000001Z')).toBe(1_000_001n);
	expect(epochMicros('1970-01-01 00:00:01.5+00')).toBe(1_500_000n);
	for (const odd of ['1970-01-01T00:00:01', '1970-01-01T00:00:01+02:00', '1970-13-01T00:00:01Z', '', 'now'])
		expect(epochMicros(odd)).toBeNull();
});
