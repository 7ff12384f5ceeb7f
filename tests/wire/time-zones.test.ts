import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = path.join(import.meta.dirname, 'time-digest.ts');
const zones = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns', 'Europe/Berlin'];

it('no time is read or written by the clock on the wall', async () => {
	const printed = await Promise.all(
		zones.map(async (TZ) => {
			const { stdout } = await promisify(execFile)(process.execPath, [script], { env: { ...process.env, TZ } });
			return stdout.trim().split(' ');
		})
	);
	expect(new Set(printed.map(([digest]) => digest)).size).toBe(1);
	// The zones were really there: their distance from UTC is another one each.
	expect(new Set(printed.map(([, , offset]) => offset)).size).toBe(zones.length);
	expect(Number(printed[0]?.[1])).toBeGreaterThan(1000);
}, 120_000);
