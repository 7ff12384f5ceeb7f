import { expect, it } from 'vitest';
import { isDatabaseTrouble } from './postgres-error.ts';

it.each(['CONNECTION_CLOSED', 'ECONNREFUSED', 'ECONNRESET', '57P01', '08006', '53300', '40001', '40P01'])(
	'%s is trouble with the database',
	(code) => {
		const error = new Error('wrapped', { cause: Object.assign(new Error('inner'), { code }) });
		expect(isDatabaseTrouble(error)).toBe(true);
	}
);

it.each(['23505', '22P02', '42P01', ''])('%j is a matter of our own', (code) => {
	expect(isDatabaseTrouble(Object.assign(new Error('x'), { code }))).toBe(false);
});
