import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { roles, type Role } from './roles.ts';

const prefix = 'cm_';
const secretBytes = 32;

/** A new credential for a program: 256 random bits. It is shown once; only its hash is kept. */
export function newApiToken(): string {
	return prefix + randomBytes(secretBytes).toString('base64url');
}

/** What is stored of a token. Its randomness makes a slow hash needless. */
export function hashApiToken(token: string): string {
	return createHash('sha256').update(token).digest('hex');
}

/** Whether a credential claims to be one of ours for programs. */
export function isApiToken(text: string): boolean {
	return text.startsWith(prefix);
}

/** The program a token was made for; null for an unknown or revoked one. */
export async function verifyApiToken(db: Db, token: string): Promise<{ name: string; role: Role } | null> {
	const [row] = await db.execute<{ name: string; role: string }>(
		sql`select name, role from api_token where token_hash = ${hashApiToken(token)} and revoked_at is null`
	);
	const role = roles.find((known) => known === row?.role);
	return row && role ? { name: row.name, role } : null;
}
