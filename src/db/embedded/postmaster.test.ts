import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runningPostmaster } from './postmaster.ts';

const cluster = mkdtempSync(path.join(os.tmpdir(), 'channel-mapping-postmaster-'));
const file = path.join(cluster, 'postmaster.pid');
afterAll(() => rmSync(cluster, { recursive: true, force: true }));

it('leaves the file of a server that is just starting, and takes away one that was never filled', () => {
	writeFileSync(file, '');
	expect(runningPostmaster(cluster)).toBeUndefined();
	expect(existsSync(file)).toBe(true);
	utimesSync(file, new Date(0), new Date(0));
	expect(runningPostmaster(cluster)).toBeUndefined();
	expect(existsSync(file)).toBe(false);
});
