import type { ExternalKey } from '#src/engine/connectors/connector.ts';
import { tryton } from '#src/engine/connectors/tryton/index.ts';
import type { Fields } from '#src/sync/fields.ts';
import type { Rig } from '../conformance/exercise-connector.ts';
import { decimal, type TrytonClient, type TrytonLogin } from './client.ts';
import type { TrytonDatabase } from './server.ts';

/** Edits products of a Tryton database as its users would: several in one call share one stamp. */
export function productRig(database: TrytonDatabase): Rig {
	const { client } = database;
	return {
		...rigBase(database),
		async seed(records) {
			const unit = await client.one('product.uom', [['symbol', '=', 'u']], ['id']);
			const values = records.map((fields) => {
				const active = fields['is_active'] ?? true;
				const variant = { suffix_code: fields['value'], description: fields['description'] ?? null, active };
				return {
					name: fields['name'],
					type: 'goods',
					default_uom: unit['id'],
					list_price: decimal(String(fields['price'] ?? '1')),
					active,
					products: [['create', [variant]]]
				};
			});
			const ids = await client.call<number[]>('product.template.create', values);
			return Promise.all(ids.map((id) => productKey(client, id)));
		},
		async edit(key, fields) {
			const names = { name: 'name', price: 'list_price', is_active: 'active' } as const;
			const template = Object.fromEntries(
				Object.entries(names).flatMap(([ours, theirs]) => (ours in fields ? [[theirs, wire(ours, fields)]] : []))
			);
			const variant = {
				...('value' in fields && { suffix_code: fields['value'] }),
				...('description' in fields && { description: fields['description'] }),
				...('is_active' in fields && { active: fields['is_active'] })
			};
			const products = [['write', [Number(key.variantId)], variant]];
			const values = Object.keys(variant).length > 0 ? { ...template, products } : template;
			await client.write('product.template', Number(key.id), values);
		},
		remove: (key) => client.remove('product.template', Number(key.id))
	};
}

/** Edits parties of a Tryton database as its users would. */
export function partnerRig(database: TrytonDatabase): Rig {
	const { client } = database;
	return {
		...rigBase(database),
		async seed(records) {
			const values = records.map((fields) => ({
				code: fields['value'],
				name: fields['name'],
				active: fields['is_active'] ?? true,
				contact_mechanisms: [['create', fields['email'] ? [{ type: 'email', value: fields['email'] }] : []]]
			}));
			const ids = await client.call<number[]>('party.party.create', values);
			return ids.map((id) => ({ id: String(id), variantId: '' }));
		},
		async edit(key, fields) {
			const names = { value: 'code', name: 'name', is_active: 'active' } as const;
			const values = Object.entries(names).flatMap(([ours, theirs]) =>
				ours in fields ? [[theirs, fields[ours]]] : []
			);
			await client.write('party.party', Number(key.id), Object.fromEntries(values) as Record<string, unknown>);
		},
		remove: (key) => client.remove('party.party', Number(key.id))
	};
}

/** The key of a template with one variant. */
export async function productKey(client: TrytonClient, templateId: number): Promise<ExternalKey> {
	const variant = await client.one('product.product', [['template', '=', templateId]], ['id']);
	return { id: String(templateId), variantId: String(variant['id']) };
}

/** What all rigs on this database have in common. */
export function rigBase({ url, database, user, password }: TrytonLogin) {
	return {
		connector: tryton,
		settings: { url, database, user, backend: 'sqlite', productCategory: 'sync' },
		credentials: { password },
		wrongCredentials: { password: 'not the password' },
		// The settle time guards against a writer in the milliseconds of our own write, and here is none.
		pass: async () => undefined
	};
}

function wire(name: string, fields: Fields): unknown {
	const value = fields[name];
	return name === 'price' && value !== null ? decimal(String(value)) : value;
}
