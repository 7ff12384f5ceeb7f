import type { SettingField, SettingsForm } from '../connector.ts';
import { fieldNamed, jsonIn, textOf } from '../settings-form.ts';
import type { RestSettingsInput } from './settings.ts';

/** The description that a new channel starts with: a common kind of API, to be adapted. */
const example: Omit<RestSettingsInput, 'baseUrl' | 'auth'> = {
	entities: {
		product: {
			paths: { list: '/products', one: '/products/{id}', create: '/products', update: '/products/{id}' },
			paging: { limitParam: 'limit', afterParam: 'after', next: 'next' },
			sinceParam: 'updated_since',
			searchParam: 'search',
			reference: { field: 'external_ref', param: 'external_ref' },
			stamp: 'updated_at',
			stampResolution: 'second',
			fields: [
				{ name: 'value', field: 'sku', label: 'SKU', as: 'text' },
				{ name: 'name', field: 'name', label: 'Name', as: 'text' },
				{ name: 'price', field: 'price', label: 'Price', as: 'decimal-text', scale: 2 },
				{ name: 'is_active', field: 'active', label: 'Active', as: 'boolean' }
			]
		}
	}
};

const fields: readonly SettingField[] = [
	{ name: 'baseUrl', label: 'Address', hint: 'Of the API, such as https://shop.example.com/api', kind: 'url' },
	{
		name: 'auth.kind',
		label: 'How the key is sent',
		kind: 'choice',
		choices: [
			{ value: 'bearer', label: 'Bearer token' },
			{ value: 'header', label: 'In a header of its own' },
			{ value: 'basic', label: 'User and password' },
			{ value: 'none', label: 'No key' }
		],
		initial: 'bearer'
	},
	{
		name: 'auth.name',
		label: 'Header or user',
		hint: 'The name of the header, or of the user. Empty for a bearer token.',
		kind: 'text',
		optional: true
	},
	{
		name: 'description',
		label: 'Description of the API',
		hint: 'Which records it has, under which paths, and how their fields are called. Each “name” is ours, each “field” theirs.',
		kind: 'json',
		initial: JSON.stringify(example, null, 2)
	}
];

/** Address and key by field; what the API looks like as JSON. */
export const restForm: SettingsForm = {
	about: 'Any system with a JSON API over HTTP. You describe its paths and fields; no program is needed.',
	fields,
	read(entered) {
		const { value, problems } = jsonIn('description', entered['description'] ?? '');
		const auth = authOf(entered['auth.kind'] ?? '', entered['auth.name']?.trim() ?? '');
		return { settings: { ...value, baseUrl: entered['baseUrl']?.trim() ?? '', auth }, problems };
	},
	write({ baseUrl, auth, ...rest }) {
		const { kind, name, user } = (auth ?? {}) as Record<string, unknown>;
		return {
			baseUrl: textOf(baseUrl),
			'auth.kind': textOf(kind),
			'auth.name': textOf(name ?? user),
			description: JSON.stringify(rest, null, 2)
		};
	},
	fieldAt(path) {
		if (path === 'auth.user') return 'auth.name';
		if (path === 'auth') return 'auth.kind';
		return fieldNamed(fields, path) ?? 'description';
	}
};

function authOf(kind: string, name: string): Record<string, string> {
	if (kind === 'header') return { kind, name };
	if (kind === 'basic') return { kind, user: name };
	return { kind };
}
