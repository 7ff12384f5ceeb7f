/** A table; pipes in cells are escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function list(items: readonly string[]): string {
	return items.map((item) => `- ${item}`).join('\n');
}

/** 1234567 -> 1,234,567 */
export function grouped(count: unknown): string {
	return typeof count === 'number' ? count.toLocaleString('en-US') : String(count ?? 0);
}

export function seconds(ms: unknown): string {
	return typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '';
}
