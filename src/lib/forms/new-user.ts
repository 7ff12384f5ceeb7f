import { z } from 'zod';
import { m } from '#src/lib/paraglide/messages.js';

const passwordLengthMin = 10;

/** Somebody who shall be able to sign in. */
export const newUserForm = z.object({
	email: z.email({ error: () => m.users_email_wrong() }).max(254),
	name: z
		.string()
		.trim()
		.min(1, { error: () => m.users_name_missing() })
		.max(120),
	role: z.enum(['viewer', 'operator', 'administrator']).default('operator'),
	password: z
		.string()
		.min(passwordLengthMin, { error: () => m.profile_password_short({ length: passwordLengthMin }) })
		.max(128)
});
