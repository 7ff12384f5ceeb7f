import type { SettingField, SettingsForm } from '../connector.ts';
import { fieldNamed, jsonIn, textOf } from '../settings-form.ts';
import { lineOfPath } from './json-lines.ts';
import { restPresets } from './presets.ts';
import type { RestSettingsInput } from './settings.ts';

/** The description that a new channel starts with: a common kind of API, to be adapted. */
const example: Omit<RestSettingsInput, 'baseUrl' | 'auth'> = {
	entities: {
		product: {
			requests: {
				list: { path: '/products', query: { limit: '{limit}', after: '{after}' } },
				get: { path: '/products/{id}' },
				changes: { query: { updated_since: '{since}' } },
				search: { query: { search: '{text}' } },
				findByReference: { query: { external_ref: '{references}' } },
				create: { path: '/products' },
				update: { path: '/products/{id}', headers: { 'if-match': '{version}' } }
			},
			paging: { kind: 'cursor', next: 'next' },
			reference: { at: 'external_ref' },
			stamp: { at: 'updated_at' },
			version: { from: 'etag-header', at: 'etag' },
			fields: [
				{ name: 'value', at: 'sku', label: 'SKU', as: 'text' },
				{ name: 'name', at: 'name', label: 'Name', as: 'text' },
				{ name: 'price', at: 'price', label: 'Price', as: 'decimal-text', scale: 2 },
				{ name: 'is_active', at: 'active', label: 'Active', as: 'boolean' }
			]
		}
	}
};

const fields: readonly SettingField[] = [
	{ name: 'baseUrl', label: 'Address', hint: 'Of the API, such as https://shop.example.com/api', kind: 'url' },
	{
		name: 'auth.kind',
		label: 'How the key is sent',
		hint: 'The documentation of the API says so, often under “Authentication”. The key itself is a credential, with a form of its own.',
		kind: 'choice',
		choices: [
			{ value: 'bearer', label: 'Bearer token' },
			{ value: 'api-key', label: 'In a header of its own' },
			{ value: 'basic', label: 'User and password' },
			{ value: 'none', label: 'No key' },
			{ value: 'described', label: 'As the description below says (OAuth 2, login, signature ...)' }
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
		hint: 'Its requests, paging and fields: each “name” is ours, each “at” is where they keep it. docs/rest-connector.md explains all of it.',
		kind: 'json',
		initial: JSON.stringify(example, null, 2)
	}
];

/** Address and key by field; what the API looks like as JSON. */
export const restForm: SettingsForm = {
	about: 'Any system with a JSON API over HTTP. You describe its paths and fields; no program is needed.',
	fields,
	presets: restPresets,
	read(entered) {
		const { value, problems } = jsonIn('description', entered['description'] ?? '');
		const auth = authOf(entered['auth.kind'] ?? '', entered['auth.name']?.trim() ?? '') ?? value['auth'];
		return { settings: { ...value, baseUrl: entered['baseUrl']?.trim() ?? '', auth }, problems };
	},
	write({ baseUrl, auth, ...rest }) {
		const simple = simpleAuth(auth);
		const described = simple ? rest : { auth, ...rest };
		return {
			baseUrl: textOf(baseUrl),
			'auth.kind': simple?.kind ?? 'described',
			'auth.name': simple?.name ?? '',
			description: JSON.stringify(described, null, 2)
		};
	},
	fieldAt(path) {
		if (path === 'auth.user') return 'auth.name';
		if (path === 'auth') return 'auth.kind';
		return fieldNamed(fields, path) ?? 'description';
	},
	lineAt: (entered, path) => lineOfPath(entered['description'] ?? '', path)
};

/** Null where the description says it. */
function authOf(kind: string, name: string): Record<string, string> | null {
	if (kind === 'described') return null;
	if (kind === 'api-key') return { kind, name };
	return kind === 'basic' ? { kind, user: name } : { kind };
}

/** What fits into two fields of the form, else null. */
function simpleAuth(auth: unknown): { kind: string; name: string } | null {
	const { kind, name, user, ...more } = (auth ?? {}) as Record<string, unknown>;
	const isPlain = Object.keys(more).length === 0;
	if (!isPlain || !['bearer', 'api-key', 'basic', 'none'].includes(String(kind))) return null;
	return { kind: String(kind), name: textOf(name ?? user) };
}
