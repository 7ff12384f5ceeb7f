import type { FieldType, Value } from '#src/sync/fields.ts';
import type { SeededRandom } from './random.ts';

const before = ['n', ' n', 'Café ', 'Cafe\u0301 ', '<i>', 'ß', '"', '\u00a0'];
const after = ['', ' ', '  x', '\r\ny', '</i>', ' 🧶', '\\'];

/** A value as a person may enter it, which carries the token through whatever a channel makes of it. */
export function valueWith(random: SeededRandom, type: FieldType, token: number): Value {
	if (type === 'decimal') return `${token}${random.pick(['', '.5', '.25', '.1234', '.123456', '.0'])}`;
	return `${random.pick(before)}${token}${random.pick(after)}`;
}
