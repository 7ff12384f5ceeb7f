import { requireRight } from '#src/lib/server/act.ts';
import { edit, preview, save, scopeShown } from '../../scope-editor.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, parent, url }) => {
	requireRight(locals, 'manage-channel');
	const { channel } = await parent();
	if (channel.entities.length === 0) return { shown: null };
	return { shown: await scopeShown(locals, channel, url.searchParams.get('entity')) };
};

export const actions: Actions = { edit, preview, save };
