import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { problems, right, type ApiEnv } from './access.ts';
import type { Connector, SettingField } from '../connectors/connector.ts';
import type { ApiPorts } from './api-ports.ts';
import { body, idSchema, json, pageOf } from './input.ts';
import { notFound } from './problem.ts';
import { rejectInvalid } from './reject-invalid.ts';
import { channelOf } from './find-channel.ts';

const fieldSchema = z.object({
	name: z.string(),
	label: z.string(),
	hint: z.string().optional(),
	kind: z.enum(['text', 'url', 'number', 'choice', 'json']),
	choices: z.array(z.object({ value: z.string(), label: z.string() })).optional(),
	optional: z.literal(true).optional(),
	initial: z.string().optional()
});

const presetSchema = z.object({
	name: z.string(),
	label: z.string(),
	about: z.string().openapi({ description: 'Where it comes from, and what to know before it is used.' }),
	values: z.record(z.string(), z.string())
});

const connectorSchema = z
	.object({
		name: z.string(),
		label: z.string(),
		about: z.string(),
		fields: z.array(fieldSchema).openapi({ description: 'The form of its settings.' }),
		presets: z.array(presetSchema).openapi({ description: 'Known systems, as texts of the form.' }),
		credentials: z.array(z.object({ name: z.string(), label: z.string(), hint: z.string().optional() }))
	})
	.openapi('Connector');

export type ConnectorInfo = z.output<typeof connectorSchema>;

const enteredSchema = z.record(z.string().max(80), z.string().max(200_000));

const checkSchema = z
	.object({
		settings: z.record(z.string(), z.unknown()).openapi({ description: 'What a channel would store.' }),
		problems: z.array(z.object({ field: z.string(), message: z.string() }))
	})
	.openapi('SettingsCheck');

export type SettingsCheck = z.output<typeof checkSchema>;

const routes = {
	list: createRoute({
		method: 'get',
		path: '/v1/connectors',
		summary: 'Kinds of systems a channel can be, with the form of their settings',
		...right('read'),
		request: { query: z.strictObject({}) },
		responses: { 200: json(pageOf(connectorSchema), 'Every kind that is set up by a form.'), ...problems }
	}),
	check: createRoute({
		method: 'post',
		path: '/v1/connectors/{name}/check',
		summary: 'Makes settings of what was entered, and says what is wrong with them; stores nothing',
		...right('manage-channel'),
		request: {
			params: z.strictObject({ name: z.string().max(40) }),
			body: body(z.strictObject({ entered: enteredSchema }))
		},
		responses: { 200: json(checkSchema, 'The settings, and what is wrong by field.'), ...problems }
	}),
	entered: createRoute({
		method: 'get',
		path: '/v1/connectors/{name}/settings/{id}',
		summary: 'The settings of a channel as texts of the form',
		...right('manage-channel'),
		request: { params: z.strictObject({ name: z.string().max(40), id: idSchema }) },
		responses: { 200: json(z.record(z.string(), z.string()), 'Texts by field; no credentials.'), ...problems }
	})
};

/** Kinds of systems and the forms of their settings. */
export function connectorRoutes({ db, connectors }: ApiPorts) {
	const formOf = (name: string) => {
		const found = connectors.find((connector) => connector.name === name);
		if (!found?.form) {
			throw notFound('unknown-connector', `There is no kind of channel "${name}".`, 'GET /v1/connectors lists them.');
		}
		return { ...found, form: found.form };
	};
	return new OpenAPIHono<ApiEnv>({ defaultHook: rejectInvalid })
		.openapi(routes.list, (c) => {
			return c.json({ items: connectors.flatMap(infoOf), next: null }, 200);
		})
		.openapi(routes.check, (c) => {
			const { form, check } = formOf(c.req.valid('param').name);
			const { entered } = c.req.valid('json');
			const { settings, problems: unread } = form.read(entered);
			const wrong = unread.length > 0 ? [] : check(settings);
			const found = wrong.map(({ path, message }) => {
				const field = form.fieldAt(path);
				const line = form.lineAt?.(entered, path) ?? null;
				const where = `${line === null ? '' : `line ${line}, `}${path}`;
				return { field, message: path === field || path === '' ? message : `${where}: ${message}` };
			});
			return c.json({ settings, problems: [...unread, ...found].slice(0, 20) }, 200);
		})
		.openapi(routes.entered, async (c) => {
			const { name, id } = c.req.valid('param');
			const { form } = formOf(name);
			return c.json(form.write((await channelOf(db, id)).settings), 200);
		});
}

/** What the set-up of a channel needs to know; nothing where the connector has no form. */
function infoOf({ name, label, credentials, form }: Connector): ConnectorInfo[] {
	if (!form) return [];
	const presets = (form.presets ?? []).map(({ settings, ...preset }) => ({ ...preset, values: form.write(settings) }));
	const fields = [...copied(form.fields)];
	return [{ name, label, about: form.about, fields, presets, credentials: [...credentials] }];
}

function copied(fields: readonly SettingField[]) {
	return fields.map(({ choices, ...field }) => ({ ...field, ...(choices ? { choices: [...choices] } : {}) }));
}
