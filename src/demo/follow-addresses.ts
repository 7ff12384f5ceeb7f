import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';

/**
 * Tells every channel that was connected to a demo system where it listens by now: on its next start it may have another port,
 * and somebody else may have the old one. One that a person gave another host stays there. Returns how many were told.
 */
export async function followAddresses(db: Db, urls: Readonly<Record<'ERP' | 'Shop', string>>): Promise<number> {
	// In one statement: the two may have changed places.
	const told = await db.execute(sql`
		with moved as (
			select distinct on (was) c.settings ->> 'baseUrl' as was, n.url
			from (values ('ERP', ${urls.ERP}::text), ('Shop', ${urls.Shop}::text)) as n(name, url)
			join c_channel c on c.name = n.name and c.connector = 'rest' and c.settings ->> 'baseUrl' <> n.url
				and regexp_replace(c.settings ->> 'baseUrl', ':[0-9]+$', '') = regexp_replace(n.url, ':[0-9]+$', '')
			order by was, n.name
		)
		update c_channel c set settings = jsonb_set(c.settings, '{baseUrl}', to_jsonb(m.url)), updated_at = now()
		from moved m where c.connector = 'rest' and c.settings ->> 'baseUrl' = m.was returning c.id`);
	return told.length;
}
