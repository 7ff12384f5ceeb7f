import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KitError } from './kit-error.ts';

/** A name in the forms in which code and screens have it. */
export type KitName = { kebab: string; camel: string; snake: string; label: string };

/** @throws KitError for what is no kebab-case name. */
export function kitName(name: string): KitName {
	if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 30)
		throw new KitError(`"${name}" is no name: small letters and digits, words joined by "-", such as "acme-shop".`);
	const words = name.split('-');
	const spaced = words.join(' ');
	return {
		kebab: name,
		camel: words.map((word, at) => (at === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`)).join(''),
		snake: words.join('_'),
		label: `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`
	};
}

/**
 * Makes `folder` from the files of a template: NAME.txt becomes NAME, and `__KEBAB__`, `__CAMEL__`, `__SNAKE__`, `__LABEL__`
 * the name. Returns the paths of what it made. @throws KitError where the folder is there.
 */
export function fillTemplate(template: string, folder: string, name: KitName): string[] {
	if (existsSync(folder)) throw new KitError(`${folder} is there already.`);
	mkdirSync(folder, { recursive: true });
	return readdirSync(template)
		.toSorted()
		.map((file) => {
			const target = path.join(folder, file.replace(/\.txt$/, ''));
			writeFileSync(target, filled(readFileSync(path.join(template, file), 'utf8'), name));
			return target;
		});
}

function filled(text: string, { kebab, camel, snake, label }: KitName): string {
	return text
		.replaceAll('__KEBAB__', kebab)
		.replaceAll('__CAMEL__', camel)
		.replaceAll('__SNAKE__', snake)
		.replaceAll('__LABEL__', label);
}

/** Adds an import and an entry of a list to a registry. @throws KitError where the file is not in the expected form. */
export function addToRegistry(file: string, list: string, { kebab, camel }: KitName): void {
	const before = readFileSync(file, 'utf8');
	const opening = `export const ${list} = [`;
	const start = before.indexOf(opening);
	const end = before.indexOf(']', start + opening.length);
	const lastImport = before.lastIndexOf('import ', start);
	if (start < 0 || end < 0 || lastImport < 0) throw new KitError(`${file} has no "${opening}…]".`);
	const afterImport = before.indexOf('\n', lastImport) + 1;
	const entries = before.slice(start + opening.length, end).trimEnd();
	writeFileSync(
		file,
		[
			before.slice(0, afterImport),
			`import { ${camel} } from './${kebab}/index.ts';\n`,
			before.slice(afterImport, start + opening.length),
			`${entries.replace(/,$/, '')},${entries.includes('\n') ? '\n\t' : ' '}${camel}`,
			before.slice(start + opening.length + entries.length)
		].join('')
	);
}
