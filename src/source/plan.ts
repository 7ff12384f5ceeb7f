import { createHash } from 'node:crypto';
import type { Entity } from '#src/entities/entity.ts';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { announceFunctionName, announceTriggers, hostTriggerName, hostTriggers } from './host-triggers.ts';
import { hostIndexes } from './host-indexes.ts';
import { quoteName, quotePath, quoteText } from './quote.ts';
import { inScope, selectList, viewColumns } from './record-columns.ts';
import { viewName, writeFunctionName, writeTrigger } from './write-function.ts';

/**
 * SQL that puts a view over the relation in the place of our table, for the administrator of the database to read and to
 * run. It refuses, and changes nothing, where that would hide records or break links. It can be run again with another descriptor.
 */
export function plan(entity: Entity, source: SourceDescriptor, from: string): string {
	const host = `${source.relation.schema}.${source.relation.name}`;
	const { fingerprint, objects } = planned(entity, source);
	const indexes = hostIndexes(entity, source);
	return `-- ${entity.label.many} of Channel Mapping are the rows of ${host}. Made from ${from}.
-- To be read and run by the administrator of the database, with psql, while Channel Mapping is stopped. The role that runs it owns
-- ${host}, and is a superuser or a member of the role that owns Channel Mapping's tables. Part 1 is one transaction.
\\set ON_ERROR_STOP on

-- Part 1: the view in the place of ${entity.recordTable}. ${
		source.changes === 'triggers'
			? `On ${host} it puts four triggers, which only tell of changes.`
			: `${host} itself is left as it is.`
	}
BEGIN;
SET LOCAL search_path = public, pg_temp;
${conditions(entity, source)}
${moveTable(entity)}
${objects}
${rights(entity)}
INSERT INTO sync_source (entity, descriptor, fingerprint, planned_at)
VALUES (${quoteText(entity.name)}, ${quoteText(JSON.stringify(source))}, ${quoteText(fingerprint)}, now())
ON CONFLICT (entity) DO UPDATE SET descriptor = excluded.descriptor, fingerprint = excluded.fingerprint, planned_at = now(), removed_at = NULL;
DO $stamp$ BEGIN
	EXECUTE format('COMMENT ON VIEW ${viewName(entity)} IS %L', ${quoteText(`channel mapping ${fingerprint} `)} || md5(pg_get_viewdef(${quoteText(viewName(entity))}::regclass)));
END $stamp$;
SELECT cm_write_views();
SELECT cm_notice_records(c_channel_id, entity), cm_fill_unlinked(c_channel_id, entity) FROM c_channel_entity WHERE entity = ${quoteText(entity.name)};
COMMIT;

-- Part 2: what lists, searches and matching need from some 50,000 rows on. Each costs a little on every write to ${host};
-- leave out what it has already.
${indexes.map(({ sql }) => `${sql};`).join('\n')}
`;
}

/** SQL that puts our own table back in its place; links stay, so that a plan can be run again, after an upgrade for example. */
export function undo(entity: Entity, source: SourceDescriptor): string {
	const host = quotePath(source.relation);
	const view = viewName(entity);
	return `-- ${entity.label.many} of Channel Mapping are rows of a table of its own again. To be run like the plan.
-- Links stay. Keep Channel Mapping stopped until a plan is run again: without one, it takes their records for deleted.
\\set ON_ERROR_STOP on
BEGIN;
SET LOCAL search_path = public, pg_temp;
${hostTriggers.map(([name]) => `DROP TRIGGER IF EXISTS ${hostTriggerName(name, entity)} ON ${host};`).join('\n')}
DROP FUNCTION IF EXISTS ${announceFunctionName(entity)}();
CREATE OR REPLACE VIEW cm_records AS SELECT ''::text AS entity, 0::bigint AS id, '{}'::jsonb AS fields WHERE false;
DROP VIEW ${view};
DROP FUNCTION IF EXISTS ${writeFunctionName(entity)}();
ALTER TABLE public.${quoteName(replacedTable(entity))} RENAME TO ${quoteName(entity.recordTable)};
UPDATE sync_source SET removed_at = now() WHERE entity = ${quoteText(entity.name)};
SELECT cm_write_views();
SELECT cm_fill_unlinked(c_channel_id, entity) FROM c_channel_entity WHERE entity = ${quoteText(entity.name)};
COMMIT;
`;
}

/** What the plan makes, and a short hash by which a descriptor, or a rule of ours, that changed since is told. */
export function planned(entity: Entity, source: SourceDescriptor): { objects: string; fingerprint: string } {
	const objects = [
		`CREATE OR REPLACE VIEW ${viewName(entity)} AS
SELECT ${selectList(viewColumns(entity, source, 'a'))}
FROM ${quotePath(source.relation)} a
WHERE ${inScope(source, 'a')};`,
		writeTrigger(entity, source),
		...(source.changes === 'triggers' ? [announceTriggers(entity, source)] : [dropTriggers(entity, source)])
	].join('\n');
	return { objects, fingerprint: createHash('sha256').update(objects).digest('hex').slice(0, 16) };
}

/** The name that our own table has while a view is in its place. */
export function replacedTable({ recordTable }: Entity): string {
	return `${recordTable}_replaced`;
}

function dropTriggers(entity: Entity, { relation }: SourceDescriptor): string {
	return hostTriggers
		.map(([name]) => `DROP TRIGGER IF EXISTS ${hostTriggerName(name, entity)} ON ${quotePath(relation)};`)
		.join('\n');
}

/** Raises what stands in the way. */
function conditions(entity: Entity, source: SourceDescriptor): string {
	const { relation, key } = source;
	const host = quoteText(quotePath(relation));
	const told = quoteText(`${relation.schema}.${relation.name}`);
	const where = { relation: source.relation, key };
	return `DO $check$
DECLARE
	ours "char" := (SELECT relkind FROM pg_class WHERE oid = ${quoteText(viewName(entity))}::regclass);
	same boolean := EXISTS (SELECT 1 FROM sync_source WHERE entity = ${quoteText(entity.name)} AND descriptor @> ${quoteText(JSON.stringify(where))});
	key_type text := (SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = ${host}::regclass AND attname = ${quoteText(key)});
	links boolean;
	held boolean := false;
BEGIN
	SELECT EXISTS (SELECT 1 FROM cm_links WHERE entity = ${quoteText(entity.name)}) INTO links;
	IF ours = 'r' THEN
		EXECUTE ${quoteText(`SELECT EXISTS (SELECT 1 FROM ${viewName(entity)})`)} INTO held;
	ELSIF NOT EXISTS (SELECT 1 FROM sync_source WHERE entity = ${quoteText(entity.name)}) THEN
		RAISE EXCEPTION '${entity.recordTable} is a view that no plan made';
	END IF;
	IF held THEN
		RAISE EXCEPTION '${entity.recordTable} holds records of its own: they would be hidden';
	ELSIF links AND NOT same THEN
		RAISE EXCEPTION 'there are links to records of another relation or key: unlink them first';
	ELSIF key_type IS NULL OR key_type NOT IN ('smallint', 'integer', 'bigint') THEN
		RAISE EXCEPTION '%', ${told} || ${quoteText(`.${key} is `)} || coalesce(key_type, 'not there') || ': the key must be a whole number';
	ELSIF NOT EXISTS (
		SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = ${host}::regclass AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL AND a.attname = ${quoteText(key)} AND a.attnotnull
	) THEN
		RAISE EXCEPTION '%', ${told} || ${quoteText(`.${key} is not unique: the key must be`)};
	END IF;
END $check$;`;
}

function moveTable(entity: Entity): string {
	return `DO $move$ BEGIN
	IF (SELECT relkind FROM pg_class WHERE oid = ${quoteText(viewName(entity))}::regclass) = 'r' THEN
		ALTER TABLE ${viewName(entity)} RENAME TO ${quoteName(replacedTable(entity))};
	END IF;
END $move$;`;
}

/** Whoever may use our table may use the view; on the relation itself the engine needs no right. */
function rights(entity: Entity): string {
	return `DO $rights$ BEGIN
	EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${viewName(entity)} TO %s',
		(SELECT relowner::regrole FROM pg_class WHERE oid = ${quoteText(`public.${quoteName(replacedTable(entity))}`)}::regclass));
END $rights$;`;
}
