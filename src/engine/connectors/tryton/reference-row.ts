import { z } from 'zod';
import { isIdentifier } from '../plain-text.ts';
import type { ReferencePlace, TrytonRow } from './entity.ts';
import { parsed } from './rpc.ts';
import { type Domain, literalPattern, wireId } from './wire.ts';

/*
 * Tryton has no field for a foreign reference. Ours is an identifier row without a type, created with the record in the
 * same call: it is searchable, shows under "Identifiers" with a text that nobody takes for a number of their own, and no
 * document or check of Tryton uses identifiers without a type.
 *
 * Tryton's "duplicate" copies identifiers too. So the row is sealed with the id of its record right after the create:
 * "channel-mapping:REF#12". A copy carries the seal of another record, and with it no reference. An unsealed row (we were
 * killed in between) counts as a reference wherever it is found, so that a create is never repeated.
 */
const prefix = 'channel-mapping:';
const longestReference = 500;

/** Text of the identifier row of a record that is about to be created. */
export function unsealed(reference: string): string {
	return prefix + encodeURIComponent(reference);
}

/** Text of the identifier row once the id of its record is known. */
export function sealed(reference: string, recordId: number): string {
	return `${unsealed(reference)}#${recordId}`;
}

/** The reference that one of these identifier rows gives the record `recordId`, or null. */
export function referenceOf(rows: readonly { type: string | null; code: string }[], recordId: number): string | null {
	for (const { type, code } of rows) {
		const [text = '', owner] = code.split('#');
		if (type !== null || !text.startsWith(prefix)) continue;
		if (owner !== undefined && owner !== String(recordId)) continue;
		try {
			const reference = decodeURIComponent(text.slice(prefix.length));
			if (isIdentifier(reference, longestReference)) return reference;
		} catch {
			// A person wrote something that only begins like ours.
		}
	}
	return null;
}

/** Records with an identifier row of one of these references, copies included: referenceOf tells them apart. */
export function domainOfReferences(references: readonly string[]): Domain {
	const codes = references.map(unsealed);
	const patterns = codes.map((code) => ['code', 'like', `${literalPattern(code)}#%`]);
	return [
		[
			'identifiers',
			'where',
			[
				['type', '=', null],
				['OR', ['code', 'in', codes], ...patterns]
			]
		]
	];
}

/** References in identifier rows of `model`, whose column `owner` names the record. */
export function referencesInIdentifiers(model: string, owner: string): ReferencePlace<TrytonRow> {
	return {
		carriers: domainOfReferences,
		async seal({ id }, reference, rpc, options) {
			const domain = [
				[owner, '=', id],
				['type', '=', null]
			];
			const found = await rpc.call(`${model}.search`, [domain], options);
			const [identifier] = parsed(z.array(wireId), found, rpc.from, `${model}.search`);
			if (identifier === undefined) return;
			await rpc.call(`${model}.write`, [[identifier], { code: sealed(reference, id) }], options);
		}
	};
}
