import { fail, type RequestEvent } from '@sveltejs/kit';
import type { ConnectorInfo } from '#src/engine-client/engine-client.ts';
import { done, refuse, requireRight, textOf } from '#src/lib/server/act.ts';
import { unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { enteredSettings, initialSettings, problemsByField } from '#src/lib/server/setting-fields.ts';
import { m } from '#src/lib/paraglide/messages.js';
import { listChannels } from '#src/mappings/list-channels.ts';
import { createChannel } from '#src/mappings/manage-channel.ts';
import type { Actions, PageServerLoad } from './$types';

const nameLengthMax = 80;

export const load: PageServerLoad = async ({ locals, url }) => {
	requireRight(locals, 'manage-channel');
	const [answer, channels] = await Promise.all([locals.engine.connectors(), listChannels(locals.db)]);
	if (!answer.ok) return { connectors: null, problem: unreachableRefusal(answer), chosen: null };
	const chosen = answer.data.find(({ name }) => name === url.searchParams.get('type')) ?? null;
	if (!chosen) return { connectors: answer.data, problem: null, chosen };
	const alike = channels.filter(({ connector }) => connector === chosen.name);
	return {
		connectors: answer.data,
		problem: null,
		chosen,
		/** Channels of the same kind, whose settings may be a beginning. */
		alike: alike.map(({ id, name }) => ({ id, name })),
		/** The name of the one that it starts from. */
		like: alike.find(({ id }) => id === url.searchParams.get('like'))?.name ?? null,
		preset: presetIn(chosen, url)?.name ?? null,
		/** What to know about the known system that was chosen. */
		presetAbout: presetIn(chosen, url)?.about ?? null,
		values: presetIn(chosen, url)?.values ?? (await valuesFor(locals, chosen, url.searchParams.get('like')))
	};
};

function presetIn({ presets }: ConnectorInfo, url: URL) {
	return presets.find(({ name }) => name === url.searchParams.get('preset'));
}

/** The form's beginning: the settings of another channel of this kind, else the connector's own. */
async function valuesFor(locals: App.Locals, chosen: ConnectorInfo, like: string | null) {
	if (like === null || !/^[1-9]\d{0,17}$/.test(like)) return initialSettings(chosen);
	const answer = await locals.engine.enteredSettings(chosen.name, like);
	return answer.ok ? answer.data : initialSettings(chosen);
}

export const actions: Actions = { create };

async function create(event: RequestEvent) {
	const actor = requireRight(event.locals, 'manage-channel');
	const data = await event.request.formData();
	const connector = textOf(data, 'type');
	const name = textOf(data, 'name');
	const values = enteredSettings(data);
	const keep = (errors: Record<string, string>) => fail(400, { name, values, errors });
	const answer = await event.locals.engine.checkSettings(connector, values);
	if (!answer.ok) {
		const { status, data: refusal } = refuse(unreachableRefusal(answer));
		return fail(status, { ...refusal, name, values, errors: {} as Record<string, string> });
	}
	const errors = problemsByField(answer.data.problems);
	if (name === '') errors['name'] = m.setup_name_missing();
	if (name.length > nameLengthMax) errors['name'] = m.setup_name_long({ length: nameLengthMax });
	if (Object.keys(errors).length > 0) return keep(errors);
	const { settings } = answer.data;
	const secretKey = event.locals.config.SECRET_KEY;
	const input = { name, connector, settings, credentials: {}, entities: [], secretKey, actor, via: 'web' } as const;
	const result = await createChannel(event.locals.db, input);
	if (!result.ok) {
		if (result.field === 'name') return keep({ name: result.message });
		const { status, data: refusal } = refuse(result);
		return fail(status, { ...refusal, name, values, errors });
	}
	return done(event, {
		ok: true,
		flash: { tone: 'good', text: m.setup_created({ channel: name }) },
		to: `/channels/${result.channelId}/setup/credentials`
	});
}
