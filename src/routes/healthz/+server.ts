import { sql } from 'drizzle-orm';
import type { RequestHandler } from './$types';

/** 200 while the web and its database work, for a load balancer. */
export const GET: RequestHandler = async ({ locals }) => {
	try {
		await locals.db.execute(sql`select 1`);
		return Response.json({ status: 'ok' });
	} catch {
		return Response.json({ status: 'database-unreachable' }, { status: 503 });
	}
};
