import { z } from 'zod';
import { can, leastRoleFor, type Action, type Role } from '#src/auth/roles.ts';
import type { Db } from '#src/db/client.ts';
import type { Person } from '#src/store/person.ts';
import { refusal, type Refusal } from '#src/store/refusal.ts';

/** Who acts, with the role that their rights come from. */
export type Acting = { actor: { name: string; role: Role } };

/**
 * A verb of the store behind the right it needs and the rules of its input. `rules` names every property that comes from
 * outside; what breaks them is refused with its field, before the verb is called.
 */
export function guarded<Input extends Person, Result>(
	right: Action,
	rules: z.ZodRawShape,
	verb: (db: Db, input: Input) => Promise<Result>
) {
	const schema = z.object(rules);
	return async (db: Db, input: Input & Acting): Promise<Result | Refusal> => {
		const { name, role } = input.actor;
		if (!can(role, right)) {
			return refusal('not-allowed', 'Your role does not allow this.', `It takes the role ${leastRoleFor(right)}.`);
		}
		const parsed = schema.safeParse(input);
		if (parsed.success) return verb(db, { ...input, ...parsed.data, actor: { name } });
		const [issue] = parsed.error.issues;
		const field = issue?.path.join('.') ?? '';
		return refusal('invalid', `${field}: ${issue?.message ?? 'not valid'}`, 'Correct it and try again.', { field });
	};
}

const notNul = (text: string) => !text.includes('\0');

/** A text without the character that PostgreSQL cannot hold. */
export const text = (longest: number) =>
	z.string().max(longest, `at most ${longest} characters`).refine(notNul, 'must not contain a NUL character');

/** An id of ours. */
export const id = z.string().regex(/^\d{1,18}$/, 'must be a number');

export const entityName = text(80).min(1, 'must not be empty');
export const externalId = text(500).min(1, 'must not be empty');
export const variantId = text(500);
export const reason = text(1000).trim();
export const ids = z.array(id).min(1, 'name at least one').max(10_000, 'at most 10,000');

/** One synced value. */
export const value = z.union([text(100_000), z.boolean(), z.null()]);
