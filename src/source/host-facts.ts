import { sql } from 'drizzle-orm';
import type { Db } from '#src/db/client.ts';
import type { Entity } from '#src/entities/entity.ts';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { quotePath } from './quote.ts';
import { viewName } from './write-function.ts';

/** What the database's catalogue says of a relation, and of what a plan made around it. */
export type HostFacts = {
	/** Kind of the relation as pg_class has it; null = it is not there. */
	relation: { kind: string; rows: number } | null;
	/** Its columns by name; `type` is the base type of a domain, `category` PostgreSQL's class of types. */
	columns: Readonly<Record<string, { type: string; category: string; notNull: boolean }>>;
	/** Columns that are unique by themselves. */
	unique: readonly string[];
	/** Triggers on the relation that are switched on, by name, with the function that each calls. */
	triggers: Readonly<Record<string, string>>;
	/** Names of indexes on the relation. */
	indexes: readonly string[];
	/** What stands in the place of our table: its kind, what the plan wrote on it, and a hash of its definition. */
	view: { kind: string; comment: string | null; hash: string; written: boolean; allowed: boolean } | null;
	/** What the plan wrote down when it was run. */
	planned: { fingerprint: string } | null;
	/** Result type of the function that writes; null = it is not there. */
	writer: string | null;
	/** Entities that have a source too. */
	sources: readonly string[];
};

/** Reads the facts. Needs no right on the relation itself. */
export async function readHostFacts(db: Db, entity: Entity, source: SourceDescriptor): Promise<HostFacts> {
	const host = quotePath(source.relation);
	const view = viewName(entity);
	const writer = source.write.kind === 'function' ? `${quotePath(source.write)}(bigint, jsonb)` : '';
	const [row] = await db.execute<HostFacts & Record<string, unknown>>(sql`
		with host as (select c.oid, c.relkind, c.reltuples from pg_class c where c.oid = to_regclass(${host})),
		ours as (select c.oid, c.relkind from pg_class c where c.oid = to_regclass(${view}))
		select (select jsonb_build_object('kind', relkind, 'rows', greatest(reltuples, 0)) from host) as relation,
			(select coalesce(jsonb_object_agg(a.attname, jsonb_build_object('type', format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null),
				'category', t.typcategory, 'notNull', a.attnotnull)), '{}')
				from host join pg_attribute a on a.attrelid = host.oid and a.attnum > 0 and not a.attisdropped join pg_type t on t.oid = a.atttypid) as columns,
			array(select a.attname::text from host join pg_index i on i.indrelid = host.oid join pg_attribute a on a.attrelid = host.oid and a.attnum = i.indkey[0]
				where i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null) as "unique",
			(select coalesce(jsonb_object_agg(g.tgname, p.proname), '{}') from host join pg_trigger g on g.tgrelid = host.oid join pg_proc p on p.oid = g.tgfoid
				where g.tgenabled in ('O', 'A')) as triggers,
			array(select n.relname::text from host join pg_index i on i.indrelid = host.oid join pg_class n on n.oid = i.indexrelid where i.indisvalid) as indexes,
			(select jsonb_build_object('kind', relkind, 'comment', obj_description(oid, 'pg_class'),
				'hash', case when relkind = 'v' then md5(pg_get_viewdef(oid)) else '' end,
				'written', exists (select 1 from pg_trigger g where g.tgrelid = ours.oid and g.tgname = 'cm_source_write' and g.tgenabled in ('O', 'A')),
				'allowed', has_table_privilege(oid, 'SELECT') and has_table_privilege(oid, 'INSERT') and has_table_privilege(oid, 'UPDATE')) from ours) as view,
			(select jsonb_build_object('fingerprint', s.fingerprint) from sync_source s where s.entity = ${entity.name} and s.removed_at is null) as planned,
			(select format_type(p.prorettype, null) from pg_proc p where p.oid = to_regprocedure(nullif(${writer}, ''))) as writer,
			array(select s.entity from sync_source s where s.removed_at is null order by s.entity) as sources`);
	if (!row) throw new Error('the catalogue gave no row');
	return row;
}
