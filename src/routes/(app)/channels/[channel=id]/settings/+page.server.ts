import { error, fail, type RequestEvent } from '@sveltejs/kit';
import { act, done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { enteredSettings, problemsByField } from '#src/lib/server/setting-fields.ts';
import { readChannel } from '#src/mappings/read-channel.ts';
import { webhookAddress } from '#src/lib/server/webhook-address.ts';
import { enteredCredentials } from '#src/lib/server/credentials-form.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { endWebhook, replaceWebhookSecret } from '#src/mappings/manage-webhook.ts';
import { readWebhook } from '#src/mappings/read-webhook.ts';
import { deleteChannel, replaceCredentials, saveChannel } from '#src/mappings/manage-channel.ts';
import type { Actions, PageServerLoad } from './$types';
import { connectionView } from './connection-view.server.ts';

export const load: PageServerLoad = async ({ parent, locals }) => {
	const { channel, mayManage } = await parent();
	const { settings, credentialNames, credentialsChanged } = channel;
	const [connection, known, entered] = await Promise.all([
		locals.engine.connection(channel.id),
		locals.engine.connectors(),
		mayManage ? locals.engine.enteredSettings(channel.connector, channel.id) : null
	]);
	const connector = known.ok ? known.data.find(({ name }) => name === channel.connector) : undefined;
	return {
		webhook: {
			state: await readWebhook(locals.db, { channelId: channel.id }),
			...webhookAddress(channel.id, locals.config)
		},
		/** The form of its settings; null where it cannot be changed here, or the engine is away. */
		form: connector && entered?.ok ? { fields: connector.fields, values: entered.data } : null,
		credentials: [...new Set([...credentialNames, ...Object.keys(credentialsChanged)])].toSorted(),
		/** Its settings in words and what guards its records; null while the engine is away or the settings cannot be used. */
		connection: connection.ok ? connectionView(channel, connection.data) : null,
		credentialLabels: Object.fromEntries((connector?.credentials ?? []).map(({ name, label }) => [name, label])),
		raw: JSON.stringify(settings, null, 2)
	};
};

const nameLengthMax = 80;

export const actions: Actions = {
	credentials: (event) =>
		act(event, 'manage-channel', async ({ data, actor, db, locals }) => {
			const entered = enteredCredentials(data);
			const secretKey = locals.config.SECRET_KEY;
			const result = await replaceCredentials(db, {
				channelId: event.params.channel,
				secretKey,
				entered,
				actor,
				via: 'web'
			});
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.csettings_saved() } };
		}),
	settings: saveSettings,
	// Answers with the page itself: a secret must not travel through a redirect.
	webhook: async (event) => {
		const actor = requireRight(event.locals, 'manage-channel');
		const entered = textOf(await event.request.formData(), 'entered');
		const { db, config } = event.locals;
		const about = { channelId: event.params.channel, entered, secretKey: config.SECRET_KEY };
		const result = await replaceWebhookSecret(db, { ...about, actor, via: 'web' });
		if (result.ok) return { webhookSecret: result.secret };
		return result.field === 'entered' ? fail(400, { errors: { entered: result.message } }) : refuse(result);
	},
	endWebhook: (event) =>
		act(event, 'manage-channel', async ({ actor, db }) => {
			const result = await endWebhook(db, { channelId: event.params.channel, actor, via: 'web' });
			if (!result.ok) return result;
			return { ok: true, flash: { tone: 'good', text: m.webhook_ended() } };
		}),
	remove: (event) =>
		act(event, 'manage-channel', async ({ data, actor, db }) => {
			const typedName = textOf(data, 'typedName').slice(0, nameLengthMax);
			const result = await deleteChannel(db, { channelId: event.params.channel, typedName, actor, via: 'web' });
			if (!result.ok) return result;
			const text = m.csettings_deleted({ channel: typedName, count: result.links });
			return { ok: true, flash: { tone: 'good', text }, to: '/channels' };
		})
};

async function saveSettings(event: RequestEvent) {
	const actor = requireRight(event.locals, 'manage-channel');
	const { db, engine } = event.locals;
	const channelId = event.params.channel ?? '';
	const channel = await readChannel(db, { channelId });
	if (!channel) error(404, { message: m.channel_unknown(), hint: m.channel_unknown_hint() });
	const data = await event.request.formData();
	const name = textOf(data, 'name');
	const values = enteredSettings(data);
	const keep = (errors: Record<string, string>) => fail(400, { name, values, errors });
	const answer = await engine.checkSettings(channel.connector, values);
	if (!answer.ok) return refuse(unreachableRefusal(answer));
	const errors = problemsByField(answer.data.problems);
	if (name === '') errors['name'] = m.setup_name_missing();
	if (name.length > nameLengthMax) errors['name'] = m.setup_name_long({ length: nameLengthMax });
	if (Object.keys(errors).length > 0) return keep(errors);
	const result = await saveChannel(db, { channelId, name, settings: answer.data.settings, actor, via: 'web' });
	if (!result.ok) return result.field === 'name' ? keep({ name: result.message }) : refuse(result);
	// Who came from the set-up goes on there.
	const to = data.has('set-up') ? { to: `/channels/${channelId}/setup/credentials` } : {};
	return done(event, { ok: true, flash: { tone: 'good', text: m.csettings_settings_saved() }, ...to });
}
