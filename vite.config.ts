import { readFileSync } from 'node:fs';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';

/** Drawings of an icon as its package keeps them: tag and attributes. */
type Drawing = { node: [tag: string, attributes: Record<string, string>][] };

/**
 * Icons as plain markup. Their own component puts each one together in the browser, shape by shape: on a list of fifty rows that
 * was most of what taking over the page cost. What all icons share is in the class `icon`.
 */
function plainIcons(): Plugin {
	return {
		name: 'plain-icons',
		enforce: 'pre',
		load: {
			filter: { id: /\/@lucide\/svelte\/dist\/icons\/[^/]+\.svelte$/ },
			handler(id) {
				const data = /const iconData = (\{.*\});/.exec(readFileSync(id, 'utf8'))?.[1];
				if (data === undefined) throw new Error(`${id} holds no drawing`);
				const shapes = (JSON.parse(data) as Drawing).node.map(([tag, attributes]) => {
					const pairs = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`);
					return `<${tag}${pairs.join('')}/>`;
				});
				return `<script>let { size, class: name } = $props();</script>
<svg class={["icon", name]} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">${shapes.join('')}</svg>`;
			}
		}
	};
}

/** Messages without the choice of a language, as long as there is one. */
function plainMessages(): Plugin {
	return {
		name: 'plain-messages',
		transform: {
			filter: { id: /\/src\/lib\/paraglide\/messages\/[^/]+\.js$/ },
			handler(code) {
				const choice = '\texperimentalStaticLocale ?? options.locale ?? getLocale()\n';
				if (!code.includes(choice)) return null;
				const plain = code
					.replace("import { getLocale, experimentalStaticLocale } from '../runtime.js';", '')
					.replace(choice, '')
					.replace(/\(inputs(?: = \{\})?, options = \{\}\) =>/, '(inputs) =>');
				return { code: plain, map: null };
			}
		}
	};
}

export default defineConfig({
	environments: {
		client: {
			build: {
				rolldownOptions: {
					output: {
						// Parts that many pages share come in one file: each file of its own costs a request and its headers.
						codeSplitting: { groups: [{ name: 'shared', test: /\/src\/lib\/|\/node_modules\//, minShareCount: 4 }] }
					}
				}
			}
		}
	},
	plugins: [
		plainIcons(),
		tailwindcss(),
		paraglideVitePlugin({
			project: './src/lib/messages/project.inlang',
			outdir: './src/lib/paraglide',
			strategy: ['baseLocale']
		}),
		plainMessages(),
		sveltekit()
	]
});
