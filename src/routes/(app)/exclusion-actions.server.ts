import type { RequestEvent } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { act, textOf } from '#src/lib/server/act.ts';
import { good, invalid, isId } from '#src/lib/server/form-input.ts';
import { endExclusion } from '#src/mappings/end-exclusion.ts';
import { excludeRecord } from '#src/mappings/exclude-record.ts';

const reasonLongest = 200;

/** `?/exclude` of a channel's list: automation leaves a record alone. Fields: entity, side, record, variant, reason. */
export const exclude = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const [side, record, reason] = [textOf(data, 'side'), textOf(data, 'record'), textOf(data, 'reason')];
		if (side !== 'internal' && side !== 'external') return invalid('side');
		if (side === 'internal' ? !isId(record) : record === '') return invalid('record');
		if (reason === '' || reason.length > reasonLongest)
			return { ...invalid('reason'), hint: m.exclude_reason_missing() };
		const which =
			side === 'internal' ? { internalId: record } : { externalId: record, variantId: textOf(data, 'variant') };
		const at = { channelId: event.params.channel ?? '', entity: textOf(data, 'entity') };
		const result = await excludeRecord(db, { ...at, ...which, reason, actor, via: 'web' });
		return result.ok ? good(m.excluded_done({ record })) : result;
	});

/** `?/include`: ends an exclusion. Fields: exclusion. */
export const include = (event: RequestEvent) =>
	act(event, 'link', async ({ data, actor, db }) => {
		const exclusionId = textOf(data, 'exclusion');
		if (!isId(exclusionId)) return invalid('exclusion');
		const result = await endExclusion(db, { exclusionId, actor, via: 'web' });
		return result.ok ? good(m.excluded_ended()) : result;
	});
