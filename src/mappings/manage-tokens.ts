import { z } from 'zod';
import { hashApiToken, newApiToken } from '#src/auth/api-token.ts';
import { roles, type Role } from '#src/auth/roles.ts';
import type { Db } from '#src/db/client.ts';
import type { Person } from '#src/store/person.ts';
import * as store from '#src/store/tokens.ts';
import { guarded, id, text } from './guarded.ts';

/** Makes an API token; this is the only time its text is known. */
export const createToken = guarded(
	'manage-tokens',
	{ name: text(80).trim().min(1, 'must not be empty'), role: z.enum(roles) },
	async (
		db: Db,
		input: Person & { name: string; role: Role }
	): Promise<{ ok: true; tokenId: string; token: string }> => {
		const token = newApiToken();
		const { tokenId } = await store.createToken(db, { ...input, tokenHash: hashApiToken(token) });
		return { ok: true, tokenId, token };
	}
);

/** Ends an API token at once. */
export const revokeToken = guarded('manage-tokens', { tokenId: id }, store.revokeToken);
