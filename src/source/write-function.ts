import { columnOf, type Entity } from '#src/entities/entity.ts';
import { isWritten, type SourceDescriptor } from '#src/entities/record-source.ts';
import { quoteName, quotePath, quoteText } from './quote.ts';
import { inScope, viewColumns } from './record-columns.ts';

/**
 * The trigger that carries a write to the view over to the relation, as SQL. The row is locked and must still be the one
 * that was read; only columns whose value changes are written; and what the application makes of a value must be that
 * value, or the write is refused: nobody may take for agreed what is not there.
 */
export function writeTrigger(entity: Entity, source: SourceDescriptor): string {
	const name = writeFunctionName(entity);
	// Triggers of the application's that this sets off find what they name as in a session of its own.
	const path = `${quoteName(source.relation.schema)}, public, pg_temp`;
	return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${path} AS $write$
${source.write.kind === 'none' ? refusal(source) : body(entity, source)}
END $write$;
REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC;
CREATE OR REPLACE TRIGGER cm_source_write INSTEAD OF INSERT OR UPDATE OR DELETE ON ${viewName(entity)}
	FOR EACH ROW EXECUTE FUNCTION ${name}();`;
}

/** The view that stands in the place of our table. */
export function viewName({ recordTable }: Entity): string {
	return `public.${quoteName(recordTable)}`;
}

/** The function behind the view's trigger. */
export function writeFunctionName({ recordTable }: Entity): string {
	return `public.${quoteName(`cm_source_write_${recordTable}`)}`;
}

function refusal({ relation }: SourceDescriptor): string {
	return `BEGIN
	RAISE EXCEPTION '%', ${quoteText(`${relation.schema}.${relation.name} is not written from here.`)};`;
}

function body(entity: Entity, source: SourceDescriptor): string {
	const view = viewName(entity);
	return `DECLARE
	host CONSTANT text := ${quoteText(`${source.relation.schema}.${source.relation.name}`)};
	-- By column of ours, the column there.
	written CONSTANT jsonb := ${quoteText(JSON.stringify(writtenColumns(entity, source)))};
	kept CONSTANT text[] := ARRAY['id', 'rev', 'changed', 'created_at', 'updated_at'];
	record_id bigint;
	before ${view};
	after ${view};
	-- What is to be set, by column of ours and by column there.
	given jsonb;
	told jsonb;
	names text;
	texts text;
BEGIN
	IF TG_OP = 'DELETE' THEN
		RAISE EXCEPTION '%: nothing is deleted from here.', host;
	ELSIF TG_OP = 'UPDATE' THEN
		record_id := OLD.id;
		${rowOf(entity, source, 'before')} FOR UPDATE;
		IF NOT FOUND OR before.rev <> OLD.rev THEN
			RETURN NULL;
		END IF;
		SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}') INTO given FROM jsonb_each(to_jsonb(NEW)) n
		WHERE n.key <> ALL (kept) AND n.value IS DISTINCT FROM to_jsonb(OLD) -> n.key;
	ELSE
		record_id := NEW.id;
		SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}') INTO given FROM jsonb_each(to_jsonb(NEW)) n
		WHERE n.key <> ALL (kept) AND n.value NOT IN ('null', '{}')${itsOwnDefaults(entity, source)};
	END IF;
	SELECT string_agg(n.key, ', ' ORDER BY n.key) INTO names FROM jsonb_object_keys(given) n(key) WHERE NOT written ? n.key;
	IF names IS NOT NULL THEN
		RAISE EXCEPTION '%: % is not written from here.', host, names;
	END IF;
	SELECT coalesce(jsonb_object_agg(written ->> n.key, n.value), '{}') INTO told FROM jsonb_each(given) n;
	IF TG_OP = 'INSERT' THEN
		told := ${quoteText(JSON.stringify(whatPutsInScope(source)))}::jsonb || told;
	END IF;
${source.write.kind === 'function' ? callFunction(source.write) : writeColumns(source)}
	${rowOf(entity, source, 'after')};
	IF NOT FOUND THEN
		RAISE EXCEPTION '%: the record would no longer take part.', host;
	END IF;
	SELECT string_agg(format('%s became %s instead of %s', written ->> n.key, coalesce(to_jsonb(after) ->> n.key, 'empty'), coalesce(n.value #>> '{}', 'empty')), ', ')
	INTO texts FROM jsonb_each(given) n WHERE to_jsonb(after) -> n.key IS DISTINCT FROM n.value;
	IF texts IS NOT NULL THEN
		RAISE EXCEPTION '%: %.', host, texts;
	END IF;
	RETURN after;`;
}

/** Reads the row as a record into a variable. */
function rowOf(entity: Entity, source: SourceDescriptor, variable: string): string {
	const columns = viewColumns(entity, source, 'a').map(({ expression }) => expression);
	return `SELECT ${columns.join(', ')} INTO ${variable}
		FROM ${quotePath(source.relation)} a WHERE a.${quoteName(source.key)} = record_id AND ${inScope(source, 'a')}`;
}

function writeColumns({ relation, key }: SourceDescriptor): string {
	const [path, column] = [quoteText(quotePath(relation)), quoteText(key)];
	return `	IF TG_OP = 'UPDATE' THEN
		SELECT string_agg(format('%I = %L', n.key, n.value #>> '{}'), ', ') INTO names FROM jsonb_each(told) n;
		IF names IS NOT NULL THEN
			EXECUTE format('UPDATE %s SET %s WHERE %I = $1', ${path}, names, ${column}) USING record_id;
		END IF;
	ELSE
		IF record_id IS NOT NULL THEN
			told := told || jsonb_build_object(${column}, record_id);
		END IF;
		SELECT string_agg(quote_ident(n.key), ', '), string_agg(quote_nullable(n.value #>> '{}'), ', ') INTO names, texts FROM jsonb_each(told) n;
		EXECUTE format('INSERT INTO %s (%s) VALUES (%s) RETURNING %I', ${path}, names, texts, ${column}) INTO record_id;
	END IF;`;
}

function callFunction(write: { schema: string; name: string }): string {
	return `	IF TG_OP = 'INSERT' OR told <> '{}' THEN
		record_id := ${quotePath(write)}(record_id, told);
	END IF;`;
}

/** Columns of ours that are written, each with the column there. */
function writtenColumns(entity: Entity, source: SourceDescriptor): Record<string, string> {
	return Object.fromEntries(
		entity.fields.flatMap((field) => {
			const given = source.fields[field.name];
			return given && 'column' in given && isWritten(source, field.name) ? [[columnOf(field), given.column]] : [];
		})
	);
}

/** Where a column must have one value, a new record has it. */
function whatPutsInScope({ scope }: SourceDescriptor): Record<string, string | number | boolean> {
	return Object.fromEntries(
		scope.flatMap(({ column, in: [only, ...more] }) =>
			more.length === 0 && only !== undefined && only !== null ? [[column, only]] : []
		)
	);
}

/** A new record has constants as they are, and is active where that is not kept there: neither is to be set. */
function itsOwnDefaults(entity: Entity, source: SourceDescriptor): string {
	const constants = entity.fields.flatMap((field) => {
		const given = source.fields[field.name];
		return given && 'constant' in given ? [[columnOf(field), given.constant] as const] : [];
	});
	const same = [...constants, ...('is_active' in source.fields ? [] : [['is_active', true] as const])];
	return same
		.map(([name, value]) => ` AND (n.key, n.value #>> '{}') <> (${quoteText(name)}, ${quoteText(String(value))})`)
		.join('');
}
