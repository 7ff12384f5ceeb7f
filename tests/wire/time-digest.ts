import { createHash } from 'node:crypto';
import { retryAfterMs, serverDateOf } from '#src/engine/connectors/http.ts';
import { isoUtc } from '#src/engine/connectors/iso-time.ts';
import { stampOf, toWireDateTime } from '#src/engine/connectors/tryton/wire.ts';
import { epochMicros, isoFromMicros } from '#src/sync/settle.ts';

/** Instants around which clocks are set, in zones that tests run in: their seconds before, at and after. */
const folds = [
	...['2026-03-08T10:00:00', '2026-11-01T04:30:00', '2026-11-01T03:31:00'],
	...['2026-03-29T01:00:00', '2026-10-25T01:00:00', '1994-12-31T10:00:00', '2026-12-31T23:59:59', '1970-01-01T00:00:00']
];
const zones = ['', 'Z', '+00:00', '-0330', '+14:00', '-02:30', '+05:45'];

/** Everything that reads or writes a time, over times at which local clocks jump. */
function results(): unknown[] {
	const found: unknown[] = [];
	for (const fold of folds) {
		for (const shift of [-3_600_000_000n, -1n, 0n, 1n, 1_800_000_000n, 3_600_000_000n]) {
			const iso = isoFromMicros((epochMicros(`${fold}Z`) ?? 0n) + shift);
			const http = new Date(iso).toUTCString();
			const naive = iso.slice(0, 19);
			found.push(iso, String(epochMicros(iso)), stampOf({ write_date: toWireDateTime(iso), create_date: null }));
			for (const zone of zones)
				found.push(isoUtc(`${naive}.123456${zone}`), isoUtc(`${naive.replace('T', ' ')}${zone}`));
			for (const header of [naive, `${naive}+02:00`, iso, http, http.replace(' GMT', ''), String(Date.parse(iso))]) {
				found.push(serverDateOf({ date: header, 'x-time': header }, 'x-time'));
				found.push(retryAfterMs({ 'retry-after': header, date: http }, 0));
			}
			found.push(
				retryAfterMs({ 'retry-after': 'Sun Nov  1 04:30:00 2026' }, 0),
				serverDateOf({ date: http }, undefined)
			);
		}
	}
	return found;
}

const all = results();
console.log(
	createHash('sha256').update(JSON.stringify(all)).digest('hex'),
	all.length,
	new Date(0).getTimezoneOffset()
);
