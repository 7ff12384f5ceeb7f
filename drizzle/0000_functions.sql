CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- ISO 8601 UTC text with microseconds: the form in which times leave the database.
CREATE FUNCTION cm_iso(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;
--> statement-breakpoint
-- A code as people respell it: ASCII letters in lower case, without the signs in between. src/sync/match-code.ts says the
-- same for every text, whatever the database's locale: every character is spelled out.
CREATE FUNCTION match_code(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT nullif(
		regexp_replace(
			translate(code, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') COLLATE "C",
			'[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f\u2212\u3000\ufeff]', '', 'g'
		),
		''
	)
$$;
--> statement-breakpoint
-- What a search of the channel's records looks through: id, code and name.
CREATE FUNCTION cm_external_text(external_id text, fields jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT lower(external_id || ' ' || coalesce(fields ->> 'value', '') || ' ' || coalesce(fields ->> 'name', '')) $$;
