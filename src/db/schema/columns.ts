import { type HasDefault } from 'drizzle-orm';
import { customType } from 'drizzle-orm/pg-core';

/** bigint in the database, text in TypeScript: ids above 2^53 stay exact. */
export const id = customType<{ data: string; driverData: string | number | bigint }>({
	dataType: () => 'bigint',
	fromDriver: String
});

/** A bigint identity primary key, text in TypeScript. The database hands out the value; an explicit one is kept. */
export function identity(name: string) {
	const column = id(name).primaryKey();
	// drizzle offers identity on its number columns only; the builder's configuration is the same.
	const { config } = column as unknown as { config: Record<string, unknown> };
	Object.assign(config, { generatedIdentity: { type: 'byDefault' }, hasDefault: true, notNull: true });
	return column as HasDefault<typeof column>;
}

/** timestamptz in the database, ISO 8601 UTC text with microseconds in TypeScript. The connection's time zone must be UTC. */
export const instant = customType<{ data: string; driverData: string }>({
	dataType: () => 'timestamptz',
	fromDriver: (text) => text.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z')
});
