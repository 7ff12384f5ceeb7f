import { redirect } from '@sveltejs/kit';
import { entities } from '#src/entities/registry.ts';
import { roleLabel } from '#src/lib/server/act.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals }) => {
	const { user, engineWatch } = locals;
	if (!user) redirect(303, '/login');
	const engineReachable = await engineWatch.reachable();
	return {
		user,
		roleLabel: roleLabel(user.role),
		engineReachable,
		waiting: null as number | null,
		entities: entities.map(({ name, label }) => ({ name, label: label.many, one: label.one })),
		channels: [] as { id: string; name: string }[]
	};
};
