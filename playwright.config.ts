import { defineConfig } from '@playwright/test';
import { findChromium } from './tests/suites/chromium.mjs';

const asRoot = process.getuid?.() === 0;
const executablePath = findChromium();

export default defineConfig({
	testDir: 'tests/e2e',
	testMatch: '**/*.e2e.ts',
	globalSetup: './tests/e2e/start-demo.ts',
	outputDir: 'test-results',
	workers: 1,
	retries: 0,
	timeout: 90_000,
	expect: { timeout: 15_000 },
	forbidOnly: Boolean(process.env['CI']),
	use: {
		...(process.env['WEB_URL'] ? { baseURL: process.env['WEB_URL'] } : {}),
		locale: 'en-GB',
		timezoneId: 'Europe/Copenhagen',
		screenshot: 'only-on-failure',
		actionTimeout: 20_000,
		launchOptions: {
			...(executablePath ? { executablePath } : {}),
			args: [
				...(asRoot ? ['--no-sandbox'] : []),
				...['--disable-quic', '--disable-background-networking', '--no-first-run'],
				...['--disable-component-update', '--disable-sync']
			]
		}
	},
	projects: [
		{ name: 'js', grepInvert: /@no-js/ },
		/** What must also work where scripts are blocked. */
		{ name: 'no-js', grep: /@no-js/, use: { javaScriptEnabled: false } },
		/** Stories that need a demo nobody has worked in: `npm run test:guide`. */
		{ name: 'fresh', testMatch: '**/*.fresh.ts' }
	]
});
