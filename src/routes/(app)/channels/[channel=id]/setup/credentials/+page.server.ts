import { requireRight } from '#src/lib/server/act.ts';
import { refuse } from '#src/lib/server/act.ts';
import { enteredCredentials } from '#src/lib/server/credentials-form.ts';
import { unreachableRefusal } from '#src/lib/server/engine-actions.ts';
import { recordTest, replaceCredentials } from '#src/mappings/manage-channel.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, parent }) => {
	requireRight(locals, 'manage-channel');
	const [{ channel }, answer] = await Promise.all([parent(), locals.engine.connectors()]);
	const known = answer.ok ? answer.data.find(({ name }) => name === channel.connector)?.credentials : undefined;
	return { fields: known ?? channel.credentialNames.map((name) => ({ name, label: name })), engineAway: !answer.ok };
};

export const actions: Actions = {
	// Answers with the page itself: what the test said is of this moment.
	test: async (event) => {
		const actor = requireRight(event.locals, 'manage-channel');
		const { db, config, engine } = event.locals;
		const entered = enteredCredentials(await event.request.formData());
		const channelId = event.params.channel;
		if (Object.values(entered).some((plain) => plain !== '')) {
			const secretKey = config.SECRET_KEY;
			const saved = await replaceCredentials(db, { channelId, secretKey, entered, actor, via: 'web' });
			if (!saved.ok) return refuse(saved);
		}
		const answer = await engine.probe(channelId);
		if (!answer.ok) return refuse(unreachableRefusal(answer));
		const { passed, stages, samples } = answer.data;
		const kept = await recordTest(db, { channelId, passed, actor, via: 'web' });
		if (!kept.ok) return refuse(kept);
		return { test: { passed, stages, samples } };
	}
};
