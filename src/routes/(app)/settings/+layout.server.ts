import { can } from '#src/auth/roles.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = ({ locals }) => {
	const role = locals.user?.role ?? 'viewer';
	return {
		mayManageUsers: can(role, 'manage-users'),
		mayManageTokens: can(role, 'manage-tokens'),
		mayManageFields: can(role, 'manage-fields')
	};
};
