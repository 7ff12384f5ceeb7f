import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Db } from '#src/db/client.ts';

type Plan = {
	'Relation Name'?: string;
	'Actual Rows'?: number;
	'Actual Loops'?: number;
	'Rows Removed by Filter'?: number;
	'Rows Removed by Index Recheck'?: number;
	Plans?: Plan[];
};

/** What a statement did with one relation, when it was really executed: how many of its rows it looked at. */
export type LookedAt = { statement: string; rows: number };

/**
 * A connection that is told the plan of each statement it executes, those of functions and triggers too, by PostgreSQL's own
 * auto_explain: `lookedAt` says which of them looked at rows of a relation, and at how many, since it was last asked.
 */
export function watchedPlans(url: string, relation: string) {
	const seen: LookedAt[] = [];
	const client = postgres(url, {
		max: 4,
		connection: {
			application_name: 'watched plans',
			TimeZone: 'UTC',
			session_preload_libraries: 'auto_explain',
			'auto_explain.log_min_duration': '0',
			'auto_explain.log_analyze': 'on',
			'auto_explain.log_timing': 'off',
			'auto_explain.log_nested_statements': 'on',
			'auto_explain.log_format': 'json',
			'auto_explain.log_level': 'notice'
		},
		onnotice({ message = '' }) {
			const json = message.indexOf('{');
			if (!message.startsWith('duration: ') || json < 0) return;
			const told = JSON.parse(message.slice(json)) as { 'Query Text': string; Plan: Plan };
			const rows = rowsOf(told.Plan, relation);
			if (rows > 0) seen.push({ statement: told['Query Text'].replaceAll(/\s+/g, ' ').trim(), rows });
		}
	});
	return {
		db: drizzle(client) as unknown as Db,
		lookedAt: () => seen.splice(0),
		close: () => client.end()
	};
}

function rowsOf(plan: Plan, relation: string): number {
	const of = (key: 'Actual Rows' | 'Rows Removed by Filter' | 'Rows Removed by Index Recheck') => plan[key] ?? 0;
	const once = of('Actual Rows') + of('Rows Removed by Filter') + of('Rows Removed by Index Recheck');
	const own = plan['Relation Name'] === relation ? Math.ceil(once * (plan['Actual Loops'] ?? 1)) : 0;
	return (plan.Plans ?? []).reduce((sum, below) => sum + rowsOf(below, relation), own);
}
