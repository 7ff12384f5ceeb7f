import { parseArgs } from 'node:util';
import { z } from 'zod';
import { connect } from '#src/db/client.ts';
import { createToken } from '#src/store/tokens.ts';
import { hashApiToken, newApiToken } from './api-token.ts';
import { roles } from './roles.ts';

const usage = `usage: npm run token -- --role ${roles.join('|')} --name NAME`;
const schema = z.strictObject({ role: z.enum(roles), name: z.string().trim().min(1).max(100) });

/** Makes an API token and prints it, and nothing else, on stdout. */
async function main(): Promise<number> {
	const databaseUrl = process.env['DATABASE_URL'];
	const input = readArguments();
	if (!input) return fail(usage);
	if (!databaseUrl) return fail('DATABASE_URL is missing: set it to the URL of the PostgreSQL database');
	const { db, close } = connect(databaseUrl, { max: 1, applicationName: 'channel-mapping token' });
	try {
		const token = newApiToken();
		await createToken(db, {
			...input,
			tokenHash: hashApiToken(token),
			actor: { name: 'command line' },
			via: 'command'
		});
		console.log(token);
		return 0;
	} finally {
		await close();
	}
}

function readArguments(): z.output<typeof schema> | null {
	try {
		const { values } = parseArgs({ options: { role: { type: 'string' }, name: { type: 'string' } } });
		const parsed = schema.safeParse(values);
		return parsed.success ? parsed.data : null;
	} catch {
		return null;
	}
}

function fail(line: string): number {
	console.error(line);
	return 1;
}

process.exitCode = await main();
