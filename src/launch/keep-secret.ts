import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The secret in `file`, made on first use and readable by its owner only. `bytes` of randomness. */
export function keepSecret(file: string, bytes: number): string {
	if (!existsSync(file)) {
		mkdirSync(path.dirname(file), { recursive: true });
		try {
			writeFileSync(file, `${randomBytes(bytes).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
		} catch (error) {
			// Another process made it in this moment.
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
	}
	return readFileSync(file, 'utf8').trim();
}
