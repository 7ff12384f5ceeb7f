import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const projectDirectory = path.resolve(import.meta.dirname, '..');

export type SourceFile = {
	/** Relative to the project, with slashes. */
	path: string;
	text: string;
	/** The TypeScript in it; of a Svelte component, its scripts. */
	tree: ts.SourceFile;
};

export type Import = {
	/** Path of the imported file, relative to the project; the bare name of a package. */
	target: string;
	typeOnly: boolean;
};

/** Every source file that matches one of `patterns`, relative to the project; generated ones are left out. */
export function readSources(...patterns: string[]): SourceFile[] {
	return globSync(patterns, { cwd: projectDirectory })
		.map((file) => file.split(path.sep).join('/'))
		.filter((file) => !file.startsWith('src/lib/paraglide/'))
		.sort()
		.map((file) => {
			const text = readFileSync(path.join(projectDirectory, file), 'utf8');
			return { path: file, text, tree: ts.createSourceFile(file, scriptOf(file, text), ts.ScriptTarget.Latest, true) };
		});
}

/** What a file imports or re-exports, static and dynamic. */
export function importsOf(file: SourceFile): Import[] {
	const found: Import[] = [];
	const visit = (node: ts.Node) => {
		if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
			found.push({ target: resolve(file, literal(node.moduleSpecifier)), typeOnly: isTypeOnly(node) });
		} else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) {
			found.push({ target: resolve(file, literal(node.arguments[0])), typeOnly: false });
		} else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
			found.push({ target: resolve(file, literal(node.argument.literal)), typeOnly: true });
		}
		ts.forEachChild(node, visit);
	};
	visit(file.tree);
	return found;
}

/** Every function in a file with its name and length in lines. */
export function functionsOf(file: SourceFile): { name: string; lines: number }[] {
	const found: { name: string; lines: number }[] = [];
	const visit = (node: ts.Node) => {
		if (ts.isFunctionLike(node) && 'body' in node && node.body) {
			const first = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line;
			const last = file.tree.getLineAndCharacterOfPosition(node.getEnd()).line;
			found.push({ name: nameOf(node, file), lines: last - first + 1 });
		}
		ts.forEachChild(node, visit);
	};
	visit(file.tree);
	return found;
}

function scriptOf(file: string, text: string): string {
	if (!file.endsWith('.svelte')) return text;
	return [...text.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map((match) => match[1]).join('\n');
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
	if (ts.isExportDeclaration(node)) return node.isTypeOnly;
	const clause = node.importClause;
	if (!clause) return false;
	if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
	const named = clause.namedBindings;
	if (clause.name || !named || !ts.isNamedImports(named)) return false;
	return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

function literal(node: ts.Node): string {
	return ts.isStringLiteralLike(node) ? node.text : '';
}

function resolve(file: SourceFile, specifier: string): string {
	if (specifier.startsWith('#src/')) return `src/${specifier.slice('#src/'.length)}`;
	if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file.path), specifier);
	return specifier;
}

function nameOf(node: ts.Node, file: SourceFile): string {
	if ('name' in node && node.name && ts.isIdentifier(node.name as ts.Node)) return (node.name as ts.Identifier).text;
	if (ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)) return node.parent.name.text;
	return `line ${file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1}`;
}
