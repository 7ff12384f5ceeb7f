CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- ISO 8601 UTC text with microseconds: the form in which times leave the database.
CREATE FUNCTION cm_iso(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;
--> statement-breakpoint
-- A code as people respell it: letters and digits only, lower case. src/sync/match-code.ts says the same.
CREATE FUNCTION match_code(code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT nullif(regexp_replace(lower(code), '[^a-z0-9]', '', 'g'), '') $$;
