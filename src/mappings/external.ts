import { sql, type SQL } from 'drizzle-orm';
import type { Fields } from '#src/sync/fields.ts';

/** A channel's record as it was last seen. */
export type External = {
	fields: Fields;
	version: string | null;
	stamp: string | null;
	url: string | null;
	seenAt: string;
	/** When its absence was confirmed; null = it is there. */
	deletedAt: string | null;
};

/** `External` as one JSON value, null where the left-joined c_channel_record (by its alias) has no row. */
export function externalJson(alias: string): SQL {
	const a = sql.raw(alias);
	return sql`case when ${a}.external_id is not null then jsonb_build_object('fields', ${a}.fields, 'version', ${a}.version, 'stamp', ${a}.stamp,
		'url', ${a}.url, 'seenAt', cm_iso(${a}.seen_at), 'deletedAt', cm_iso(${a}.deleted_at)) end`;
}
