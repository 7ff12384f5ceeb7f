import { formatCount } from '../format.ts';
import { m } from '../paraglide/messages.js';

/** "1,234", or "10,000 or more" where counting ended at `most`. */
export function countUpTo(count: number, most: number): string {
	return count >= most ? m.count_or_more({ n: formatCount(most) }) : formatCount(count);
}
