import type { Fields } from '#src/sync/fields.ts';
import type { ExternalRecord, Resource, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { emptyRecord, type MemoryChannel } from './create-memory-channel.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './options.ts';
import { externalRecord, refusalOf, versionOf } from './resource.ts';

type Writer = { create: NonNullable<Resource['create']>; update: NonNullable<Resource['update']> };

/** The writing half of a resource. What is allowed is judged when the effect takes place, late effects included. */
export function createWriter(channel: MemoryChannel, entity: string, exchange: Exchange): Writer {
	const { options } = channel;
	const { data, effect } = channel.inside;
	const unique = options.unique === undefined ? 'value' : options.unique;
	const current = (id: string) => data.peek(entity, id);

	function refuseTaken(fields: Fields, exceptId: string): void {
		const value = unique === null ? undefined : fields[unique];
		if (value === undefined || value === null || unique === null) return;
		const holder = data.visible(entity).find((record) => record.fields[unique] === value && record.id !== exceptId);
		if (holder) throw new ConnectorError('duplicate', { hint: `Record ${holder.id} has this ${unique} already.` });
	}

	function refuse(fields: Fields, id: string): void {
		const refusal = refusalOf(options, entity, fields);
		if (refusal) throw refusal;
		refuseTaken(fields, id);
	}

	return {
		create: ({ reference, fields }, call) =>
			exchange({ method: 'create', entity, ids: [reference], options: call }, (fault): ExternalRecord => {
				const id = data.nextId();
				const allowed = () => {
					refuse(fields, id);
					const holder = data.visible(entity).find((record) => record.reference === reference);
					if (options.reference !== 'unique' || !holder) return;
					throw new ConnectorError('duplicate', { hint: `Record ${holder.id} has this reference already.` });
				};
				const whole = { ...emptyRecord(data, entity), ...fields };
				const made = effect({ method: 'create', entity, id, fields: whole }, allowed, {
					reference: options.reference === 'none' ? null : reference,
					...lateness(fault)
				});
				if (made && options.versionInReplies) return externalRecord(made, options);
				return { id, variantId: '', version: null, stamp: null, fields: {}, reference };
			}),

		update: ({ id, variantId, version, fields }, call) =>
			exchange({ method: 'update', entity, ids: [id], options: call }, (fault): WriteReply => {
				const allowed = () => {
					const record = variantId === '' ? current(id) : undefined;
					if (!record) throw new ConnectorError('missing', { hint: 'The channel does not have this record.' });
					const present = versionOf(record, options);
					if (present !== null && version !== null && version !== present) {
						throw new ConnectorError('conflict', { hint: 'Somebody changed the record in between.' });
					}
					refuse(fields, id);
				};
				const written = effect({ method: 'update', entity, id, fields }, allowed, lateness(fault));
				if (!written || !options.versionInReplies) return { version: null, stamp: null, fields: null };
				const { version: next, stamp, fields: held } = externalRecord(written, options);
				return { version: next, stamp, fields: held };
			})
	};
}

function lateness(fault: Fault | undefined): { afterMs?: number } {
	return fault?.kind === 'lands-late' ? { afterMs: fault.afterMs } : {};
}
