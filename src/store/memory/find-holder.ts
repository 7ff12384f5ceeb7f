import type { Holder, Refusal } from '../refusal.ts';
import { externalHeld, internalHeld } from '../refusals.ts';
import type { LinkRow, Tables } from './tables.ts';

type Pair = { channelId: string; internalId: string; externalId: string; variantId: string; isPrimary: boolean };

/** `heldBy` in memory. */
export function heldBy(tables: Tables, entity: string, pair: Pair, except: string | null = null): Refusal | null {
	const { linkByExternal, primaryLink } = tables.of(entity);
	const theirs = linkByExternal(pair.channelId, pair.externalId, pair.variantId);
	if (theirs && theirs.id !== except) return externalHeld(pair, holderOf(tables, entity, theirs));
	const ours = pair.isPrimary ? primaryLink(pair.channelId, pair.internalId) : undefined;
	return ours && ours.id !== except ? internalHeld(holderOf(tables, entity, ours)) : null;
}

function holderOf(tables: Tables, entity: string, link: LinkRow): Holder {
	const fields = tables.of(entity).records.get(link.internalId)?.record.fields;
	return {
		linkId: link.id,
		internalId: link.internalId,
		value: textOf(fields?.['value']),
		name: textOf(fields?.['name']),
		externalId: link.externalId,
		variantId: link.variantId
	};
}

function textOf(value: string | boolean | null | undefined): string | null {
	return value === null || value === undefined ? null : String(value);
}
