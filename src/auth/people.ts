import { advisoryLocks } from '#src/db/advisory-locks.ts';
import { and, asc, eq, ne, sql } from 'drizzle-orm';
import type { Db, Transaction } from '#src/db/client.ts';
import { user } from '#src/db/schema/auth.ts';
import type { Auth } from './auth.ts';
import { roles, type Role } from './roles.ts';

export type Person = {
	id: string;
	name: string;
	email: string;
	role: Role;
	createdAt: Date;
	lastSeenAt: string | null;
};
export type PersonResult =
	{ ok: true; id: string } | { ok: false; kind: 'email-taken' | 'unknown-person' | 'last-administrator' };

/** Everybody who may sign in, by e-mail address. */
export async function listPeople(db: Db): Promise<Person[]> {
	const rows = await db
		.select({
			id: user.id,
			name: user.name,
			email: user.email,
			role: user.role,
			createdAt: user.createdAt,
			lastSeenAt: sql<
				string | null
			>`(select cm_iso(max(s.updated_at)) from auth_session s where s.user_id = ${user.id})`
		})
		.from(user)
		.orderBy(asc(user.email))
		.limit(500);
	return rows.map((row) => ({ ...row, role: roles.find((role) => role === row.role) ?? 'viewer' }));
}

/** Adds a person who can sign in with this password. */
export async function createPerson(
	auth: Auth,
	input: { email: string; name: string; password: string; role: Role }
): Promise<PersonResult> {
	const { internalAdapter, password } = await auth.$context;
	const email = input.email.toLowerCase();
	if (await internalAdapter.findUserByEmail(email)) return { ok: false, kind: 'email-taken' };
	const created = await internalAdapter.createUser(
		{ email, name: input.name, role: input.role, emailVerified: true },
		{ method: 'email-password' }
	);
	const hash = await password.hash(input.password);
	await internalAdapter.linkAccount({
		userId: created.id,
		providerId: 'credential',
		accountId: created.id,
		password: hash
	});
	return { ok: true, id: created.id };
}

/** Changes a role; the last administrator keeps theirs. Takes effect with the next request of that person. */
export async function changeRole(db: Db, id: string, role: Role): Promise<PersonResult> {
	return db.transaction(async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.users})`);
		if (role !== 'administrator' && (await isLastAdministrator(tx, id))) {
			return { ok: false, kind: 'last-administrator' };
		}
		const changed = await tx.update(user).set({ role }).where(eq(user.id, id)).returning({ id: user.id });
		return changed.length === 0 ? { ok: false, kind: 'unknown-person' } : { ok: true, id };
	});
}

/** Replaces the password and ends every session of that person. */
export async function resetPassword(auth: Auth, id: string, newPassword: string): Promise<PersonResult> {
	const { internalAdapter, password } = await auth.$context;
	if (!(await internalAdapter.findUserById(id))) return { ok: false, kind: 'unknown-person' };
	await internalAdapter.updatePassword(id, await password.hash(newPassword));
	await internalAdapter.deleteUserSessions(id);
	return { ok: true, id };
}

/** Removes a person with all sessions; the last administrator stays. What they did stays in the journal. */
export async function removePerson(db: Db, id: string): Promise<PersonResult> {
	return db.transaction(async (tx) => {
		await tx.execute(sql`select pg_advisory_xact_lock(${advisoryLocks.users})`);
		if (await isLastAdministrator(tx, id)) return { ok: false, kind: 'last-administrator' };
		const gone = await tx.delete(user).where(eq(user.id, id)).returning({ id: user.id });
		return gone.length === 0 ? { ok: false, kind: 'unknown-person' } : { ok: true, id };
	});
}

async function isLastAdministrator(db: Transaction, id: string): Promise<boolean> {
	const others = await db
		.select({ id: user.id })
		.from(user)
		.where(and(eq(user.role, 'administrator'), ne(user.id, id)))
		.limit(1);
	const [self] = await db.select({ role: user.role }).from(user).where(eq(user.id, id));
	return others.length === 0 && self?.role === 'administrator';
}

/** The first administrator, from the environment, made only while nobody exists. Returns whether one was made. */
export async function ensureFirstAdministrator(
	auth: Auth,
	db: Db,
	from: { email: string; password: string }
): Promise<boolean> {
	const [anybody] = await db.select({ id: user.id }).from(user).limit(1);
	if (anybody) return false;
	const made = await createPerson(auth, {
		...from,
		name: from.email.split('@')[0] ?? from.email,
		role: 'administrator'
	});
	return made.ok;
}
