import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonNumber } from '../parse-json.ts';
import { createMomentCodec } from './moment.ts';

const codec = (format: string, zone = 'UTC', resolution: 'second' | 'millisecond' | 'microsecond' = 'microsecond') =>
	createMomentCodec({ format, zone, resolution });

describe('moments', () => {
	it.each([
		['epoch-seconds', 'UTC', new JsonNumber('1796000000'), '2026-11-30T00:53:20Z'],
		['epoch-seconds', 'UTC', new JsonNumber('1796000000.123456'), '2026-11-30T00:53:20.123456Z'],
		['epoch-milliseconds', 'UTC', '1796000000007', '2026-11-30T00:53:20.007Z'],
		['iso', 'Europe/Berlin', '2026-07-01T12:00:00', '2026-07-01T10:00:00Z'],
		['iso', 'Europe/Berlin', '2026-07-01T12:00:00+00:00', '2026-07-01T12:00:00Z'],
		['DD.MM.YYYY hh:mm', 'Europe/Berlin', '30.11.2026 01:05', '2026-11-30T00:05:00Z'],
		['YYYY-MM-DD hh:mm:ss.fff', 'America/St_Johns', '2026-01-01 00:00:00.25', '2026-01-01T03:30:00.25Z'],
		// The hour that is there twice counts as its first, the hour that is not there as the one after.
		['iso', 'Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
		['iso', 'Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30:00Z'],
		['YYYY-MM-DD', 'UTC', '2026-02-30', null],
		['epoch-seconds', 'UTC', '99999999999999', null],
		['epoch-seconds', 'UTC', true, null]
	] as const)('%s in %s: %o is %s', (format, zone, theirs, ours) => {
		expect(codec(format, zone).decode(theirs)).toBe(ours);
	});

	it('what is asked for is never later than what was meant, and what is read is what was written', () => {
		const moments = fc
			.integer({ min: 0, max: 4_000_000_000 })
			.map((second) => new Date(second * 1000).toISOString().replace('.000Z', 'Z'));
		const formats = fc.constantFrom(
			'iso',
			'epoch-seconds',
			'epoch-milliseconds',
			'YYYY-MM-DDThh:mm:ss',
			'DD/MM/YYYY hh:mm:ss'
		);
		fc.assert(
			fc.property(moments, formats, fc.constantFrom('UTC', 'Asia/Kathmandu'), (moment, format, zone) => {
				const { encode, decode } = codec(format, zone);
				expect(decode(encode(moment))?.replace('.000Z', 'Z')).toBe(moment);
			})
		);
		expect(codec('epoch-seconds', 'UTC', 'second').encode('2026-11-30T00:53:20.999999Z')).toBe('1796000000');
		expect(codec('iso', 'UTC', 'millisecond').encode('2026-11-30T00:53:20.999999Z')).toBe('2026-11-30T00:53:20.999Z');
	});

	it('a filter that leaves the very moment out is asked one step earlier', () => {
		const encode = (resolution: 'second' | 'millisecond') =>
			createMomentCodec({ format: 'iso', zone: 'UTC', resolution, excluded: true }).encode('2026-11-30T00:00:00Z');
		expect(encode('second')).toBe('2026-11-29T23:59:59Z');
		expect(encode('millisecond')).toBe('2026-11-29T23:59:59.999000Z');
	});
});
