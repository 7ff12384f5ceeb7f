import { requireRight } from '#src/lib/server/act.ts';
import { edit, preview, save, scopeShown } from '../../scope-editor.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, parent }) => {
	requireRight(locals, 'read');
	const { channel } = await parent();
	return { shown: await scopeShown(locals, channel, params.entity) };
};

export const actions: Actions = { edit, preview, save };
