import { sql } from 'drizzle-orm';
import type { Role } from '#src/auth/roles.ts';
import type { Db } from '#src/db/client.ts';

export type TokenRow = { id: string; name: string; role: Role; createdAt: string; revokedAt: string | null };

/** API tokens, the valid ones first; the newest 500. */
export async function listTokens(db: Db): Promise<TokenRow[]> {
	const rows = await db.execute<TokenRow>(sql`
		select id::text as id, name, role, cm_iso(created_at) as "createdAt", cm_iso(revoked_at) as "revokedAt" from api_token
		order by revoked_at is not null, api_token.id desc limit 500`);
	return [...rows];
}
