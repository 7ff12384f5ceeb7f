import type { Fields } from '#src/sync/fields.ts';
import type { CallOptions, ExternalRecord, Resource, UpdateInput, WriteReply } from '../connector.ts';
import { ConnectorError } from '../error.ts';
import { emptyRecord, type MemoryChannel } from './create-memory-channel.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './options.ts';
import { externalRecord, refusalOf, versionOf } from './resource.ts';

type Writer = Required<Pick<Resource, 'create' | 'update'>> & Pick<Resource, 'updateTogether'>;

const silent: WriteReply = { version: null, stamp: null, fields: null };

/** The writing half of a resource. What is allowed is judged when the effect takes place, late effects included. */
export function createWriter(channel: MemoryChannel, entity: string, exchange: Exchange): Writer {
	const { options } = channel;
	const { data, effect } = channel.inside;
	const most = options.updatesAtOnce ?? 1;
	const { refuse, judgeAll } = createJudge(channel, entity);

	const write = (inputs: readonly UpdateInput[], fault: Fault | undefined): WriteReply[] => {
		const writes = inputs.map(({ id, fields }) => ({ method: 'update' as const, entity, id, fields }));
		return effect(writes, () => judgeAll(inputs), lateness(fault)).map((record) => {
			if (!record || !options.versionInReplies) return silent;
			const { version, stamp, fields } = externalRecord(record, options);
			return { version, stamp, fields };
		});
	};
	const updateAll = (inputs: readonly UpdateInput[], call?: CallOptions) =>
		exchange({ method: 'update', entity, ids: inputs.map(({ id }) => id), options: call }, (fault) =>
			write(inputs, fault)
		);
	const updateEach = (inputs: readonly UpdateInput[], call?: CallOptions) =>
		exchange({ method: 'update', entity, ids: inputs.map(({ id }) => id), options: call }, (fault) =>
			inputs.map((input) => {
				try {
					return write([input], fault)[0] ?? silent;
				} catch (error) {
					if (error instanceof ConnectorError) return error;
					throw error;
				}
			})
		);

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
				const [made] = effect([{ method: 'create', entity, id, fields: whole }], allowed, {
					reference: options.reference === 'none' ? null : reference,
					...lateness(fault)
				});
				if (made && options.versionInReplies) return externalRecord(made, options);
				return { id, variantId: '', version: null, stamp: null, fields: {}, reference };
			}),

		update: async (input, call) => (await updateAll([input], call))[0] ?? silent,
		...(most > 1 && {
			updateTogether: { most, takes: () => true, send: options.updatesApart ? updateEach : updateAll }
		})
	};
}

/** What the channel refuses to hold, as it is now. */
function createJudge({ options, inside: { data } }: MemoryChannel, entity: string) {
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

	function judge({ id, variantId, version, fields }: UpdateInput): void {
		const record = variantId === '' ? current(id) : undefined;
		if (!record) throw new ConnectorError('missing', { hint: 'The channel does not have this record.' });
		const present = versionOf(record, options);
		if (present !== null && version !== null && version !== present) {
			throw new ConnectorError('conflict', { hint: 'Somebody changed the record in between.' });
		}
		refuse(fields, id);
	}

	function judgeAll(inputs: readonly UpdateInput[]): void {
		inputs.forEach(judge);
		const values = inputs.flatMap(({ fields }) => (unique === null ? [] : (fields[unique] ?? [])));
		if (new Set(values).size < values.length)
			throw new ConnectorError('duplicate', { hint: `Two of these would have the same ${unique}.` });
	}

	return { refuse, judgeAll };
}

function lateness(fault: Fault | undefined): { afterMs?: number } {
	return fault?.kind === 'lands-late' ? { afterMs: fault.afterMs } : {};
}
