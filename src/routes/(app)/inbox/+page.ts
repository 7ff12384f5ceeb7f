import type { PageLoad, PageServerData } from './$types';

/** The list that is looked at, with the part that shows it: the page brings none of the others. */
export const load: PageLoad = async ({ data }) => ({ ...data, list: await withPart(data.list) });

async function withPart(list: PageServerData['list']) {
	switch (list.kind) {
		case 'suggestions':
			return { ...list, Part: (await import('#src/lib/components/triage.svelte')).default };
		case 'conflicts':
			return { ...list, Part: (await import('./conflict-part.svelte')).default };
		case 'problems':
			return { ...list, Part: (await import('./problem-list.svelte')).default };
		case 'held':
			return { ...list, Part: (await import('./held-list.svelte')).default };
		case 'awaiting':
			return { ...list, Part: (await import('./awaiting-list.svelte')).default };
		case 'settled':
			return { ...list, Part: (await import('./settled-rows.svelte')).default };
	}
}
