import { sql } from 'drizzle-orm';
import { boolean, pgTable, text } from 'drizzle-orm/pg-core';
import { timestamp } from 'drizzle-orm/pg-core';
import { identity, instant } from './columns.ts';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** People. Shapes of user, session, account and verification are better-auth's. */
export const user = pgTable('auth_user', {
	id: text('id').primaryKey(),
	name: text('name').notNull(),
	email: text('email').notNull().unique(),
	emailVerified: boolean('email_verified').notNull().default(false),
	image: text('image'),
	/** 'viewer' | 'operator' | 'administrator' */
	role: text('role').notNull().default('viewer'),
	createdAt: time('created_at').notNull().defaultNow(),
	updatedAt: time('updated_at').notNull().defaultNow()
});

export const session = pgTable('auth_session', {
	id: text('id').primaryKey(),
	token: text('token').notNull().unique(),
	userId: text('user_id')
		.notNull()
		.references(() => user.id, { onDelete: 'cascade' }),
	expiresAt: time('expires_at').notNull(),
	ipAddress: text('ip_address'),
	userAgent: text('user_agent'),
	createdAt: time('created_at').notNull().defaultNow(),
	updatedAt: time('updated_at').notNull().defaultNow()
});

export const account = pgTable('auth_account', {
	id: text('id').primaryKey(),
	accountId: text('account_id').notNull(),
	providerId: text('provider_id').notNull(),
	userId: text('user_id')
		.notNull()
		.references(() => user.id, { onDelete: 'cascade' }),
	accessToken: text('access_token'),
	refreshToken: text('refresh_token'),
	idToken: text('id_token'),
	accessTokenExpiresAt: time('access_token_expires_at'),
	refreshTokenExpiresAt: time('refresh_token_expires_at'),
	scope: text('scope'),
	password: text('password'),
	createdAt: time('created_at').notNull().defaultNow(),
	updatedAt: time('updated_at').notNull().defaultNow()
});

export const verification = pgTable('auth_verification', {
	id: text('id').primaryKey(),
	identifier: text('identifier').notNull(),
	value: text('value').notNull(),
	expiresAt: time('expires_at').notNull(),
	createdAt: time('created_at').notNull().defaultNow(),
	updatedAt: time('updated_at').notNull().defaultNow()
});

/** Credentials of programs that call the engine's API. Only a hash is kept. */
export const apiToken = pgTable('api_token', {
	id: identity('id'),
	name: text('name').notNull(),
	role: text('role').notNull(),
	tokenHash: text('token_hash').notNull().unique(),
	createdAt: instant('created_at')
		.notNull()
		.default(sql`now()`),
	revokedAt: instant('revoked_at')
});
