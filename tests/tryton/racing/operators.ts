import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import { resolveConflicts } from '#src/store/resolve-conflicts.ts';
import { takeOtherValue } from '#src/store/take-other-value.ts';
import type { Dice } from './random.ts';

/** Operators who work off the inbox, by the verbs behind its buttons. */
export type Operators = {
	/** Fields that a person settled, and settled ones that a person turned round. */
	done: { resolved: number; turned: number };
	/** Looks at the inbox once, and decides some or `all` of what waits there. */
	work(how: 'some' | 'all'): Promise<void>;
};

type Asked = { linkId: string; internalRev: string; externalVersion: string; fields: string[] };

const person = { actor: { name: 'operator@example.com' }, via: 'web' } as const;

export function createOperators({ db, dice }: { db: Db; dice: Dice }): Operators {
	async function resolve(how: 'some' | 'all'): Promise<void> {
		const asked = await db.execute<Asked>(sql`
			select m.id::text as "linkId", p.rev::text as "internalRev", coalesce(m.external_version, '') as "externalVersion",
				array_agg(c.field order by c.field) as fields
			from sync_conflict c join c_channel_map_product m on m.id = c.link_id join m_product p on p.id = m.m_product_id
			where c.entity = 'product' and c.state = 'open' group by m.id, p.rev, m.external_version order by m.id`);
		for (const { fields, ...link } of asked) {
			if (how === 'some' && dice.chance(0.3)) continue;
			const chosen = how === 'all' ? fields : fields.filter((_, index) => index === 0 || dice.chance(0.7));
			const choices = Object.fromEntries(
				chosen.map((field) => [field, dice.chance(0.5) ? ('internal' as const) : ('external' as const)])
			);
			const result = await resolveConflicts(db, { ...person, entity: 'product', ...link, choices });
			if (result.ok) operators.done.resolved += result.resolved;
			else if (result.kind !== 'stale') throw new Error(`resolve: ${result.message}`);
		}
	}

	async function turnRound(): Promise<void> {
		const settled = await db.execute<{ id: string }>(
			sql`select id::text as id from sync_conflict where state = 'settled' and reversed_by is null order by id desc limit 3`
		);
		if (settled.length === 0) return;
		const result = await takeOtherValue(db, { ...person, conflictId: dice.pick(settled).id });
		if (result.ok) operators.done.turned += 1;
	}

	const operators: Operators = {
		done: { resolved: 0, turned: 0 },
		async work(how) {
			await resolve(how);
			if (how === 'some' && dice.chance(0.2)) await turnRound();
		}
	};
	return operators;
}
