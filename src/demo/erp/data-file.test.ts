import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDataFile } from './data-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'data-file-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('holds every change when its save resolves, those that came during another save too', async () => {
	const path = join(folder, 'deep', 'erp.json');
	const file = openDataFile(path);
	expect(file.content).toBeUndefined();
	const values: number[] = [];
	const saves = Array.from({ length: 20 }, async (_, each) => {
		values.push(each);
		await file.save(() => values);
		expect(JSON.parse(readFileSync(path, 'utf8'))).toContain(each);
		values.push(100 + each);
		await file.save(() => values);
		expect(JSON.parse(readFileSync(path, 'utf8'))).toContain(100 + each);
	});
	await Promise.all(saves);
	expect(openDataFile(path).content).toEqual(values);
});

it('says so when the file is not whole, rather than starting empty', () => {
	const path = join(folder, 'erp.json');
	writeFileSync(path, '{"products": [');
	expect(() => openDataFile(path)).toThrow(SyntaxError);
});
