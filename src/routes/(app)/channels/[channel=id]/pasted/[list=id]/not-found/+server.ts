import { error } from '@sveltejs/kit';
import { m } from '#src/lib/paraglide/messages.js';
import { pastedNotFound } from '#src/mappings/read-pasted-list.ts';
import type { RequestHandler } from './$types';

/** Entries of a pasted list that mean no record, as a text file. */
export const GET: RequestHandler = async ({ locals, params }) => {
	const entries = await pastedNotFound(locals.db, { channelId: params.channel, listId: params.list });
	if (!entries) error(404, m.pasted_gone());
	return new Response(entries.map((entry) => `${entry}\r\n`).join(''), {
		headers: {
			'content-type': 'text/plain; charset=utf-8',
			'content-disposition': `attachment; filename="not-found-${params.list}.txt"`,
			'cache-control': 'no-store'
		}
	});
};
