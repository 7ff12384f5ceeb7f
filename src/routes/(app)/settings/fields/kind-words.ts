import { m } from '#src/lib/paraglide/messages.js';

/** What a custom field holds, in words. */
export function kindWords(field: { type: string; maxLength: number | null; scale: number | null }): string {
	if (field.type === 'decimal') return m.fields_kind_decimal({ scale: field.scale ?? 6 });
	if (field.type === 'boolean') return m.fields_kind_boolean();
	return m.fields_kind_text({ length: field.maxLength ?? 10_000 });
}
