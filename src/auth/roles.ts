/** What a person or token may do, each role including those before it. */
export const roles = ['viewer', 'operator', 'administrator'] as const;
export type Role = (typeof roles)[number];

/** Rights, by the least role that has them. */
const leastRole = {
	read: 'viewer',
	link: 'operator',
	resolve: 'operator',
	run: 'operator',
	'edit-record': 'operator',
	'manage-channel': 'administrator',
	'manage-fields': 'administrator',
	'manage-users': 'administrator',
	'manage-tokens': 'administrator'
} as const satisfies Record<string, Role>;

export type Action = keyof typeof leastRole;

/** Whether a role may do this. */
export function can(role: Role, action: Action): boolean {
	return roles.indexOf(role) >= roles.indexOf(leastRole[action]);
}

/** The least role that may do this, for the text of a refusal. */
export function leastRoleFor(action: Action): Role {
	return leastRole[action];
}
