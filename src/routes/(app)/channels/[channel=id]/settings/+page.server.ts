import { act } from '#src/lib/server/act.ts';
import { enteredCredentials } from '#src/lib/server/credentials-form.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { replaceCredentials } from '#src/mappings/manage-channel.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ parent }) => {
	const { channel } = await parent();
	const { settings, credentialNames, credentialsChanged } = channel;
	const simple = Object.entries(settings).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
	return {
		credentials: [...new Set([...credentialNames, ...Object.keys(credentialsChanged)])].toSorted(),
		facts: simple.map(([name, value]): [string, string] => [name, String(value)]),
		raw: JSON.stringify(settings, null, 2)
	};
};

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
		})
};
