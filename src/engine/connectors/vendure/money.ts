import { canonical, roundDecimal, type Value } from '#src/sync/fields.ts';
import { ConnectorError } from '../error.ts';

/** Normal form of a price: rounded to the digits that Vendure keeps. */
export function normalPrice(value: Value, decimals: number): Value {
	const plain = canonical('decimal', value);
	return plain === null ? null : canonical('decimal', roundDecimal(String(plain), decimals));
}

/** Decimal text of Vendure's whole number of minor units, or why it is none. */
export function priceOf(minor: number, decimals: number): { value: string } | { unreadable: string } {
	if (!Number.isSafeInteger(minor)) return { unreadable: 'it is no whole number of minor units' };
	const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
	const sign = minor < 0 ? '-' : '';
	if (decimals === 0) return { value: `${sign}${digits}` };
	return { value: `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` };
}

/** A price as the whole number that Vendure takes. Throws `rejected` where there is none, or it is too large. */
export function minorUnits(price: Value, decimals: number): number {
	if (price === null)
		throw refused('A product of Vendure always has a price; 0 would give it away.', 'Give it a price.');
	const minor = Number(roundDecimal(String(price), decimals).replace('.', ''));
	if (Number.isSafeInteger(minor)) return minor;
	throw refused(`The price ${String(price)} has more digits than Vendure can hold.`, 'Correct the price.');
}

function refused(reply: string, remedy: string): ConnectorError {
	return new ConnectorError('rejected', { hint: `${reply} ${remedy}`, reply });
}
