import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const fromPorts = 'take it from the clock or random source that is handed in, so that a simulation can repeat the run';

/**
 * What makes two runs with the same inputs differ. Only the ports may use it.
 * @type {import('eslint').Linter.RulesRecord}
 */
const nothingUnrepeatable = {
	'no-restricted-globals': [
		'error',
		...['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({ name, message: fromPorts }))
	],
	'no-restricted-properties': [
		'error',
		...[
			{ object: 'Date', property: 'now' },
			{ object: 'Math', property: 'random' },
			{ object: 'performance', property: 'now' },
			{ object: 'crypto', property: 'randomUUID' },
			{ object: 'AbortSignal', property: 'timeout' }
		].map((property) => ({ ...property, message: fromPorts }))
	],
	'no-restricted-syntax': [
		'error',
		{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: fromPorts },
		{ selector: "CallExpression[callee.name='Date']", message: fromPorts }
	],
	'no-restricted-imports': [
		'error',
		{
			paths: [
				{ name: 'node:timers', message: fromPorts },
				{ name: 'node:timers/promises', message: fromPorts },
				{ name: 'node:crypto', importNames: ['randomUUID', 'randomInt'], message: fromPorts }
			]
		}
	]
};

export default ts.config(
	{
		ignores: [
			'build/',
			'.svelte-kit/',
			'.data/',
			'src/lib/paraglide/',
			'test-results/',
			'playwright-report/',
			'drizzle/'
		]
	},
	js.configs.recommended,
	ts.configs.recommended,
	svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.node, ...globals.browser } },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			// The compiler knows every name, also those of types.
			'no-undef': 'off',
			// The application lives at the root of its host: there is no base path to resolve.
			'svelte/no-navigation-without-resolve': 'off',
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }]
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig } }
	},
	{
		files: ['src/**/*.ts', 'tests/**/*.ts'],
		languageOptions: { parserOptions: { projectService: true } },
		rules: {
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }]
		}
	},
	{
		files: ['src/{engine,store,sync,entities,mappings}/**/*.ts'],
		ignores: ['src/engine/main.ts', 'src/engine/clocks.ts', 'src/engine/connectors/http.ts', '**/*.test.ts'],
		rules: nothingUnrepeatable
	},
	prettier,
	svelte.configs.prettier
);
