import type { Entity } from '#src/entities/entity.ts';
import { refusalWords } from './postgres-error.ts';
import { refusal, type Refusal } from './refusal.ts';

/** The first of these fields of ours that another application keeps and we do not write; null where there is none. */
export function keptElsewhere(entity: Entity, names: readonly string[]): Refusal | null {
	const field = entity.fields.find(({ name, keptElsewhere }) => keptElsewhere && names.includes(name));
	if (!field || !entity.source) return null;
	const message = `${field.label} is kept in ${entity.source.relation} and is not written from here.`;
	return refusal('not-allowed', message, 'Change it there: what agrees then is settled by itself.', {
		field: field.name
	});
}

/** New records are made where they are kept. */
export function madeElsewhere(entity: Entity, field?: string): Refusal | null {
	if (!entity.source || entity.source.creates) return null;
	const message = `${entity.label.many} are kept in ${entity.source.relation}: none is made from here.`;
	return refusal('not-allowed', message, 'Make it there; it is then found by itself.', field ? { field } : {});
}

/** The application that keeps our records refused what we wrote, in its words; null for any other error. */
export function refusedThere(entity: Entity, error: unknown): Refusal | null {
	const words = entity.source ? refusalWords(error) : null;
	return words === null ? null : refusal('not-allowed', words, 'The application that keeps this record refused it.');
}
