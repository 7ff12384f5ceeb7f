import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

export default defineConfig({
	environments: {
		client: {
			build: {
				rolldownOptions: {
					output: {
						// Parts that many pages share come in one file: each file of its own costs a request and its headers.
						codeSplitting: { groups: [{ name: 'shared', test: /\/src\/lib\/|\/node_modules\//, minShareCount: 6 }] }
					}
				}
			}
		}
	},
	plugins: [
		tailwindcss(),
		paraglideVitePlugin({
			project: './src/lib/messages/project.inlang',
			outdir: './src/lib/paraglide',
			strategy: ['baseLocale']
		}),
		sveltekit()
	]
});
