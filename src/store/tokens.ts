import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { writeAudit } from './journal.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';
import { tokenNotValid } from './refusals.ts';
import { retrying } from './transaction.ts';

export type CreateTokenInput = Person & { name: string; role: string; tokenHash: string };
export type CreateTokenResult = { ok: true; tokenId: string };

/** Stores a credential for a program, of which only the hash is known here. */
export async function createToken(db: Db, input: CreateTokenInput): Promise<CreateTokenResult> {
	return retrying(db, async (tx): Promise<CreateTokenResult> => {
		const [row] = await tx.execute<{ id: string }>(sql`
			insert into api_token (name, role, token_hash) values (${input.name}, ${input.role}, ${input.tokenHash}) returning id::text as id`);
		if (!row) throw new Error('api_token: insert returned no row');
		const detail = { name: input.name, role: input.role };
		await writeAudit(tx, input, { action: 'create-token', object: `token/${row.id}`, channelId: null, detail });
		return { ok: true, tokenId: row.id };
	});
}

export type RevokeTokenInput = Person & { tokenId: string };
export type RevokeTokenResult = { ok: true } | Refusal;

/** Ends a token for good, at once. */
export async function revokeToken(db: Db, input: RevokeTokenInput): Promise<RevokeTokenResult> {
	return retrying(db, async (tx): Promise<RevokeTokenResult> => {
		const [row] = await tx.execute<{ name: string }>(sql`
			update api_token set revoked_at = now() where id = ${input.tokenId}::bigint and revoked_at is null returning name`);
		if (!row) return tokenNotValid();
		await writeAudit(tx, input, {
			action: 'revoke-token',
			object: `token/${input.tokenId}`,
			channelId: null,
			detail: { name: row.name }
		});
		return { ok: true };
	});
}
