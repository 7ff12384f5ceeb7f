import { columnOf, type Entity } from '#src/entities/entity.ts';
import type { SourceDescriptor } from '#src/entities/record-source.ts';
import { quoteName, quotePath, quoteText } from './quote.ts';
import { inScope, selectList, viewColumns } from './record-columns.ts';

/** Triggers on the relation, each with what it fires on. */
export const hostTriggers = [
	['cm_source_insert', 'AFTER INSERT', 'REFERENCING NEW TABLE AS new_rows'],
	['cm_source_update', 'AFTER UPDATE', 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'],
	['cm_source_delete', 'AFTER DELETE', 'REFERENCING OLD TABLE AS old_rows'],
	['cm_source_truncate', 'BEFORE TRUNCATE', '']
] as const;

/** So many records that went are told of in one piece. */
const goneAtOnce = 1000;

/** The name of a trigger on the relation: several entities may be kept in one. */
export function hostTriggerName(name: string, { recordTable }: Entity): string {
	return quoteName(`${name}_${recordTable}`);
}

/** The function behind the triggers on the relation. */
export function announceFunctionName({ recordTable }: Entity): string {
	return `public.${quoteName(`cm_source_tell_${recordTable}`)}`;
}

/**
 * Triggers on the application's relation that tell of what changed in it, as SQL. They never make a statement of the
 * application's fail: what goes wrong here leaves a hint at least, and the daily sweep finds the rest.
 */
export function announceTriggers(entity: Entity, source: SourceDescriptor): string {
	const name = announceFunctionName(entity);
	const triggers = hostTriggers.map(
		([
			trigger,
			on,
			referencing
		]) => `CREATE OR REPLACE TRIGGER ${hostTriggerName(trigger, entity)} ${on} ON ${quotePath(source.relation)}
	${referencing}${referencing === '' ? '' : ' '}FOR EACH STATEMENT EXECUTE FUNCTION ${name}();`
	);
	return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $tell$
${body(entity, source)}
END $tell$;
REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC;
${triggers.join('\n')}`;
}

function body(entity: Entity, source: SourceDescriptor): string {
	const host = quotePath(source.relation);
	const key = quoteName(source.key);
	const name = quoteText(entity.name);
	const rows = (from: string, rev: boolean) => `SELECT ${selectList(viewColumns(entity, source, 'a', { rev }))}
		FROM ${from} WHERE ${inScope(source, 'a')}`;
	const now = rows(`new_rows n JOIN ${host} a ON a.${key} = n.${key}`, true);
	const was = (of: string) => rows(`${of} a`, false);
	const fields = entity.fields.filter(({ name }) => name in source.fields).map((field) => quoteName(columnOf(field)));
	const marked = (of: string, here: string) =>
		`SELECT r.id, r.rev, ${here} AS here, ROW(${fields.map((column) => `r.${column}`).join(', ')})::text AS mark, ROW(r.value, r.name)::text AS label FROM (${of}) r`;
	return `DECLARE
	ids bigint[];
	revs bigint[];
	fresh bigint[];
	renamed bigint[];
	gone jsonb;
BEGIN
	IF TG_OP = 'INSERT' THEN
		SELECT array_agg(v.id), array_agg(v.rev) INTO ids, revs FROM (${now}) v;
		fresh := ids;
	ELSIF TG_OP = 'UPDATE' THEN
		-- Grouped, not joined: a plan that was made for one row serves for a million.
		SELECT array_agg(c.id), array_agg(c.rev), array_agg(c.id) FILTER (WHERE c.mark IS NULL), array_agg(c.id) FILTER (WHERE c.label <> c.new_label)
		INTO ids, revs, fresh, renamed
		FROM (
			SELECT m.id, max(m.rev) FILTER (WHERE m.here) AS rev, max(m.mark) FILTER (WHERE NOT m.here) AS mark, max(m.mark) FILTER (WHERE m.here) AS new_mark,
				max(m.label) FILTER (WHERE NOT m.here) AS label, max(m.label) FILTER (WHERE m.here) AS new_label
			FROM (${marked(now, 'true')}
				UNION ALL ${marked(was('old_rows'), 'false')}) m
			GROUP BY m.id
		) c WHERE c.new_mark IS NOT NULL AND c.mark IS DISTINCT FROM c.new_mark;
${eachPieceGone(name, `${was('old_rows')} AND NOT EXISTS (SELECT 1 FROM ${host} h WHERE h.${key} = a.${key} AND ${inScope(source, 'h')})`)}
	ELSIF TG_OP = 'DELETE' THEN
${eachPieceGone(name, was('old_rows'))}
	ELSE
${eachPieceGone(name, was(host))}
	END IF;
	IF ids IS NOT NULL THEN
		BEGIN
			PERFORM cm_source_changed(${name}, ids, revs, coalesce(fresh, '{}'), coalesce(renamed, '{}'));
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING 'channel mapping: %', SQLERRM;
			INSERT INTO sync_outbox (entity, record_id, rev, operation) SELECT ${name}, n.id, n.rev, 'upsert' FROM unnest(ids, revs) AS n(id, rev);
		END;
	END IF;
	RETURN NULL;`;
}

/** Tells of records that went, in pieces: a list of all may be longer than a value can be. */
function eachPieceGone(name: string, records: string): string {
	return `		FOR gone IN
			SELECT jsonb_agg(to_jsonb(o) - 'piece') FROM (
				SELECT r.*, row_number() OVER (ORDER BY r.id) / ${goneAtOnce} AS piece FROM (${records}) r
			) o GROUP BY o.piece
		LOOP
			BEGIN
				PERFORM cm_source_gone(${name}, gone);
			EXCEPTION WHEN OTHERS THEN
				RAISE WARNING 'channel mapping: %', SQLERRM;
				INSERT INTO sync_outbox (entity, record_id, rev, operation)
				SELECT ${name}, (r ->> 'id')::bigint, (r ->> 'rev')::bigint, 'delete' FROM jsonb_array_elements(gone) r;
			END;
		END LOOP;`;
}
