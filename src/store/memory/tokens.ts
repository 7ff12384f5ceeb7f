import { tokenNotValid } from '../refusals.ts';
import type { CreateTokenInput, CreateTokenResult, RevokeTokenInput, RevokeTokenResult } from '../tokens.ts';
import { writeAudit } from './person-journal.ts';
import type { Tables } from './tables.ts';

/** `createToken` in memory. */
export function createToken(tables: Tables, input: CreateTokenInput): CreateTokenResult {
	const { name, role, tokenHash } = input;
	const tokenId = tables.apiTokens.nextId();
	tables.apiTokens.insert({ id: tokenId, name, role, tokenHash, createdAt: tables.now(), revokedAt: null });
	const detail = { name, role };
	writeAudit(tables, input, { action: 'create-token', object: `token/${tokenId}`, channelId: null, detail });
	return { ok: true, tokenId };
}

/** `revokeToken` in memory. */
export function revokeToken(tables: Tables, input: RevokeTokenInput): RevokeTokenResult {
	const { tokenId } = input;
	const token = tables.apiTokens.get(tokenId);
	if (token?.revokedAt !== null) return tokenNotValid();
	tables.apiTokens.replace(token, { ...token, revokedAt: tables.now() });
	const detail = { name: token.name };
	writeAudit(tables, input, { action: 'revoke-token', object: `token/${tokenId}`, channelId: null, detail });
	return { ok: true };
}
