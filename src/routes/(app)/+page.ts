import type { PageLoad } from './$types';

/** What a home page shows for its first days only comes with it only then. */
export const load: PageLoad = async ({ data }) => {
	const [guide, checklist] = await Promise.all([
		data.guide ? import('#src/lib/components/guided-path.svelte') : null,
		data.setUp || data.list.length === 0 ? import('#src/lib/components/set-up-checklist.svelte') : null
	]);
	return { ...data, GuidedPath: guide?.default ?? null, SetUpChecklist: checklist?.default ?? null };
};
