import { defineConfig } from 'drizzle-kit';

const url = process.env['DATABASE_URL'];

export default defineConfig({
	dialect: 'postgresql',
	schema: ['./src/db/schema/*.ts', './src/entities/*/table.ts'],
	out: './drizzle',
	...(url ? { dbCredentials: { url } } : {})
});
