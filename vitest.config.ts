import { defineConfig } from 'vitest/config';
import { takeOutRemedies } from './tests/simulation/take-out-remedies.ts';

/** One PostgreSQL for a project's whole run, see tests/pg/database.ts. */
const withPostgres = { globalSetup: ['tests/pg/global-setup.ts'], testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
	test: {
		// Without the plugins of vite.config.ts: what is tested here runs in Node as it stands.
		projects: [
			{
				plugins: [takeOutRemedies()],
				test: {
					name: 'unit',
					testTimeout: 30_000,
					include: [
						'src/**/*.test.ts',
						'tests/tidy.test.ts',
						'tests/simulation/**/*.test.ts',
						'tests/wire/**/*.test.ts',
						'tests/proof/**/*.test.ts',
						'tests/presets/**/*.test.ts',
						'tests/suites/**/*.test.ts'
					],
					exclude: ['src/**/*.pg.test.ts', 'src/db/**']
				}
			},
			{
				plugins: [takeOutRemedies()],
				test: {
					name: 'pg',
					include: [
						'src/**/*.pg.test.ts',
						'src/db/**/*.test.ts',
						'tests/pg/**/*.test.ts',
						'tests/conformance/**/*.test.ts',
						'tests/scenarios/**/*.test.ts'
					],
					maxWorkers: 2,
					...withPostgres
				}
			},
			{
				plugins: [takeOutRemedies()],
				test: {
					name: 'store',
					include: ['tests/store/**/*.test.ts'],
					maxWorkers: 2,
					...withPostgres
				}
			},
			{
				test: {
					name: 'process',
					include: ['tests/process/**/*.test.ts', 'tests/kill/**/*.test.ts'],
					fileParallelism: false,
					...withPostgres,
					testTimeout: 120_000,
					hookTimeout: 120_000
				}
			},
			{
				test: {
					name: 'tryton',
					include: ['tests/tryton/**/*.test.ts'],
					fileParallelism: false,
					...withPostgres,
					testTimeout: 60_000,
					hookTimeout: 180_000
				}
			},
			{
				test: {
					name: 'vendure',
					include: ['tests/vendure/**/*.test.ts'],
					fileParallelism: false,
					...withPostgres,
					testTimeout: 300_000,
					hookTimeout: 420_000
				}
			}
		]
	}
});
