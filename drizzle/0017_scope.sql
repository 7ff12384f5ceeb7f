CREATE TABLE "sync_outside_external" (
	"c_channel_id" bigint NOT NULL,
	"entity" text NOT NULL,
	"external_id" text NOT NULL,
	"external_variant_id" text DEFAULT '' NOT NULL,
	CONSTRAINT "sync_outside_external_c_channel_id_entity_external_id_external_variant_id_pk" PRIMARY KEY("c_channel_id","entity","external_id","external_variant_id")
);
--> statement-breakpoint
CREATE TABLE "sync_outside_internal" (
	"c_channel_id" bigint NOT NULL,
	"entity" text NOT NULL,
	"internal_id" bigint NOT NULL,
	CONSTRAINT "sync_outside_internal_c_channel_id_entity_internal_id_pk" PRIMARY KEY("c_channel_id","entity","internal_id")
);

--> statement-breakpoint
-- The functions below say for every value what src/sync/scope.ts says; a property test compares the two. They are written so
-- that PostgreSQL puts their bodies in the place of a call.
CREATE FUNCTION cm_trimmed(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT btrim(value, E' \t\n\u000b\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff')
$$;
--> statement-breakpoint
CREATE FUNCTION cm_scope_text(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT nullif(cm_trimmed(replace(replace(normalize(value, NFC), E'\r\n', E'\n'), E'\r', E'\n')), '')
$$;
--> statement-breakpoint
-- A longer number than anybody means is none: casting it could fail.
CREATE FUNCTION cm_scope_decimal(value text) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(cm_trimmed(value)) <= 1000 AND cm_trimmed(value) ~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$' THEN cm_trimmed(value)::numeric END
$$;
--> statement-breakpoint
-- Whether one condition of a scope holds for a field's value; `wanted` is what the condition names.
CREATE FUNCTION cm_holds(how text, kind text, found text, wanted text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE how
		WHEN 'is-empty' THEN cm_scope_text(found) IS NULL
		WHEN 'is-not-empty' THEN cm_scope_text(found) IS NOT NULL
		WHEN 'starts-with' THEN coalesce(starts_with(cm_scope_text(found), cm_scope_text(wanted)), false)
		WHEN 'contains' THEN coalesce(strpos(cm_scope_text(found), cm_scope_text(wanted)) > 0, false)
		WHEN 'greater' THEN coalesce(cm_scope_decimal(found) > cm_scope_decimal(wanted), false)
		WHEN 'less' THEN coalesce(cm_scope_decimal(found) < cm_scope_decimal(wanted), false)
		ELSE (how = 'is') = CASE kind
			WHEN 'decimal' THEN coalesce(cm_scope_decimal(found) = cm_scope_decimal(wanted), false)
			WHEN 'boolean' THEN coalesce((found = 'true') = (wanted = 'true'), false)
			ELSE coalesce(cm_scope_text(found) = cm_scope_text(wanted), false)
		END
	END
$$;
--> statement-breakpoint
-- Whether all conditions of a scope hold for a record's fields; no scope, every record.
CREATE FUNCTION cm_in_scope(scope jsonb, fields jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT NOT EXISTS (
		SELECT 1 FROM jsonb_array_elements(scope) c
		WHERE NOT cm_holds(c ->> 'operator', c ->> 'type', fields ->> (c ->> 'field'), c ->> 'value'))
$$;
--> statement-breakpoint
-- As before; a record of ours shows its fields as well, by the names that the synced fields have. An attribute named like a column is none.
CREATE OR REPLACE FUNCTION cm_write_views() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	links text;
	records text;
BEGIN
	SELECT string_agg(format('SELECT %L::text AS entity, c_channel_id, %I AS internal_id, %I AS external_id, external_variant_id FROM %I',
			e.name, e.internal_column, e.external_column, e.map_table), ' UNION ALL ' ORDER BY e.name),
		string_agg(format('SELECT %L::text AS entity, t.id, coalesce(to_jsonb(t) -> ''attributes'', ''{}'') || to_jsonb(t)%s AS fields FROM %I t', e.name, coalesce((
				SELECT ' || jsonb_build_object(' || string_agg(format('%L, t.%I', r.field, r.column_name), ', ' ORDER BY r.field) || ')'
				FROM sync_reference r WHERE r.entity = e.name AND r.field <> r.column_name
			), ''), e.record_table), ' UNION ALL ' ORDER BY e.name)
	INTO links, records FROM sync_entity e;
	EXECUTE 'CREATE OR REPLACE VIEW cm_links AS ' || links;
	EXECUTE 'CREATE OR REPLACE VIEW cm_records AS ' || records;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_attach_reference(entity text, field text, column_name text, to_entity text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO sync_reference (entity, field, column_name, to_entity) VALUES (entity, field, column_name, to_entity);
	SELECT cm_write_views()
$$;
--> statement-breakpoint
SELECT cm_write_views();
--> statement-breakpoint
-- What is free goes to one of two tables: in the scope of its channel and entity, or outside.
CREATE OR REPLACE FUNCTION cm_free_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
	WITH free AS MATERIALIZED (
		SELECT DISTINCT k.channel, k.id, r.inside FROM unnest(channels, ids) AS k(channel, id)
		CROSS JOIN LATERAL (
			SELECT e.policy #> '{scope,internal}' AS scope FROM c_channel_entity e WHERE e.c_channel_id = k.channel AND e.entity = of_entity OFFSET 0
		) e
		CROSS JOIN LATERAL (
			SELECT e.scope IS NULL OR cm_in_scope(e.scope, r.fields) AS inside FROM cm_records r WHERE r.entity = of_entity AND r.id = k.id OFFSET 0
		) r
		WHERE NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = k.channel AND l.internal_id = k.id OFFSET 0)
			AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = k.channel AND x.entity = of_entity AND x.kind = 'record'
				AND x.internal_id = k.id OFFSET 0)
	), outside AS (
		INSERT INTO sync_outside_internal (c_channel_id, entity, internal_id)
		SELECT f.channel, of_entity, f.id FROM free f WHERE NOT f.inside ON CONFLICT DO NOTHING
	)
	INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id)
	SELECT f.channel, of_entity, f.id FROM free f WHERE f.inside ON CONFLICT DO NOTHING
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_free_external(of_entity text, channels bigint[], ids text[], variants text[]) RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
	WITH free AS MATERIALIZED (
		SELECT DISTINCT k.channel, k.id, k.variant, r.inside FROM unnest(channels, ids, variants) AS k(channel, id, variant)
		CROSS JOIN LATERAL (
			SELECT s.scope IS NULL OR cm_in_scope(s.scope, r.fields) AS inside FROM c_channel_record r
			CROSS JOIN LATERAL (
				SELECT (SELECT e.policy #> '{scope,external}' FROM c_channel_entity e WHERE e.c_channel_id = k.channel AND e.entity = of_entity) AS scope
			) s
			WHERE r.c_channel_id = k.channel AND r.entity = of_entity AND r.external_id = k.id AND r.external_variant_id = k.variant
				AND r.deleted_at IS NULL OFFSET 0
		) r
		WHERE NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = k.channel AND l.external_id = k.id
				AND l.external_variant_id = k.variant OFFSET 0)
			AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = k.channel AND x.entity = of_entity AND x.kind = 'record'
				AND x.external_id = k.id AND x.external_variant_id = k.variant OFFSET 0)
	), outside AS (
		INSERT INTO sync_outside_external (c_channel_id, entity, external_id, external_variant_id)
		SELECT f.channel, of_entity, f.id, f.variant FROM free f WHERE NOT f.inside ON CONFLICT DO NOTHING
	)
	INSERT INTO sync_unlinked_external (c_channel_id, entity, external_id, external_variant_id)
	SELECT f.channel, of_entity, f.id, f.variant FROM free f WHERE f.inside ON CONFLICT DO NOTHING
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_take_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT channel, id FROM unnest(channels, ids) AS n(channel, id) LOOP
		DELETE FROM sync_unlinked_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id;
		DELETE FROM sync_outside_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id;
	END LOOP;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_take_external(of_entity text, channels bigint[], ids text[], variants text[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT channel, id, variant FROM unnest(channels, ids, variants) AS n(channel, id, variant) LOOP
		DELETE FROM sync_unlinked_external u
		WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.external_id = k.id AND u.external_variant_id = k.variant;
		DELETE FROM sync_outside_external u
		WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.external_id = k.id AND u.external_variant_id = k.variant;
	END LOOP;
END $$;
--> statement-breakpoint
-- Moves the free records of a channel and entity to the side of its scope where they belong; touches only those that move.
CREATE FUNCTION cm_sort_by_scope(of_channel bigint, of_entity text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	ours jsonb;
	theirs jsonb;
BEGIN
	SELECT policy #> '{scope,internal}', policy #> '{scope,external}' INTO ours, theirs
	FROM c_channel_entity WHERE c_channel_id = of_channel AND entity = of_entity;
	IF ours IS NOT NULL THEN
		WITH moved AS (
			DELETE FROM sync_unlinked_internal u USING cm_records r
			WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND r.entity = of_entity AND r.id = u.internal_id AND NOT cm_in_scope(ours, r.fields)
			RETURNING u.internal_id
		)
		INSERT INTO sync_outside_internal (c_channel_id, entity, internal_id) SELECT of_channel, of_entity, m.internal_id FROM moved m
		ON CONFLICT DO NOTHING;
	END IF;
	WITH moved AS (
		DELETE FROM sync_outside_internal u USING cm_records r
		WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND r.entity = of_entity AND r.id = u.internal_id
			AND (ours IS NULL OR cm_in_scope(ours, r.fields))
		RETURNING u.internal_id
	)
	INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id) SELECT of_channel, of_entity, m.internal_id FROM moved m
	ON CONFLICT DO NOTHING;
	IF theirs IS NOT NULL THEN
		WITH moved AS (
			DELETE FROM sync_unlinked_external u USING c_channel_record r
			WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND r.c_channel_id = of_channel AND r.entity = of_entity
				AND r.external_id = u.external_id AND r.external_variant_id = u.external_variant_id AND NOT cm_in_scope(theirs, r.fields)
			RETURNING u.external_id, u.external_variant_id
		)
		INSERT INTO sync_outside_external (c_channel_id, entity, external_id, external_variant_id)
		SELECT of_channel, of_entity, m.external_id, m.external_variant_id FROM moved m ON CONFLICT DO NOTHING;
	END IF;
	WITH moved AS (
		DELETE FROM sync_outside_external u USING c_channel_record r
		WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND r.c_channel_id = of_channel AND r.entity = of_entity
			AND r.external_id = u.external_id AND r.external_variant_id = u.external_variant_id
			AND (theirs IS NULL OR cm_in_scope(theirs, r.fields))
		RETURNING u.external_id, u.external_variant_id
	)
	INSERT INTO sync_unlinked_external (c_channel_id, entity, external_id, external_variant_id)
	SELECT of_channel, of_entity, m.external_id, m.external_variant_id FROM moved m ON CONFLICT DO NOTHING;
END $$;
--> statement-breakpoint
-- As before, then sorted by the scope.
ALTER FUNCTION cm_fill_unlinked(bigint, text) RENAME TO cm_fill_free;
--> statement-breakpoint
CREATE FUNCTION cm_fill_unlinked(of_channel bigint, of_entity text) RETURNS void LANGUAGE sql AS $$
	DELETE FROM sync_outside_internal u WHERE u.c_channel_id = of_channel AND u.entity = of_entity;
	DELETE FROM sync_outside_external u WHERE u.c_channel_id = of_channel AND u.entity = of_entity;
	SELECT cm_fill_free(of_channel, of_entity);
	SELECT cm_sort_by_scope(of_channel, of_entity)
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_unlinked_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM cm_fill_unlinked(NEW.c_channel_id, NEW.entity);
	ELSIF TG_OP = 'UPDATE' THEN
		PERFORM cm_sort_by_scope(NEW.c_channel_id, NEW.entity);
	ELSE
		DELETE FROM sync_unlinked_internal WHERE c_channel_id = OLD.c_channel_id AND entity = OLD.entity;
		DELETE FROM sync_unlinked_external WHERE c_channel_id = OLD.c_channel_id AND entity = OLD.entity;
		DELETE FROM sync_outside_internal WHERE c_channel_id = OLD.c_channel_id AND entity = OLD.entity;
		DELETE FROM sync_outside_external WHERE c_channel_id = OLD.c_channel_id AND entity = OLD.entity;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER cm_unlinked_scope AFTER UPDATE OF policy ON c_channel_entity FOR EACH ROW
WHEN ((OLD.policy -> 'scope') IS DISTINCT FROM (NEW.policy -> 'scope')) EXECUTE FUNCTION cm_unlinked_channel();
--> statement-breakpoint
-- Changed records of ours: where a channel has a scope, those that are free may lie on its other side now.
CREATE FUNCTION cm_scope_record() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	k record;
BEGIN
	IF NOT EXISTS (SELECT 1 FROM c_channel_entity e WHERE e.entity = TG_ARGV[0] AND e.policy #> '{scope,internal}' IS NOT NULL) THEN
		RETURN NULL;
	END IF;
	FOR k IN
		SELECT e.c_channel_id AS channel, n.id, (
			SELECT cm_in_scope(e.policy #> '{scope,internal}', r.fields) FROM cm_records r WHERE r.entity = TG_ARGV[0] AND r.id = n.id
		) AS inside
		FROM new_rows n CROSS JOIN c_channel_entity e WHERE e.entity = TG_ARGV[0] AND e.policy #> '{scope,internal}' IS NOT NULL
		ORDER BY 1, 2
	LOOP
		IF k.inside THEN
			DELETE FROM sync_outside_internal u WHERE u.c_channel_id = k.channel AND u.entity = TG_ARGV[0] AND u.internal_id = k.id;
			IF FOUND THEN
				INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id) VALUES (k.channel, TG_ARGV[0], k.id) ON CONFLICT DO NOTHING;
			END IF;
		ELSE
			DELETE FROM sync_unlinked_internal u WHERE u.c_channel_id = k.channel AND u.entity = TG_ARGV[0] AND u.internal_id = k.id;
			IF FOUND THEN
				INSERT INTO sync_outside_internal (c_channel_id, entity, internal_id) VALUES (k.channel, TG_ARGV[0], k.id) ON CONFLICT DO NOTHING;
			END IF;
		END IF;
	END LOOP;
	RETURN NULL;
END $$;
--> statement-breakpoint
-- The same for a record of the channel.
CREATE FUNCTION cm_scope_seen() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	scope jsonb;
BEGIN
	SELECT e.policy #> '{scope,external}' INTO scope FROM c_channel_entity e WHERE e.c_channel_id = NEW.c_channel_id AND e.entity = NEW.entity;
	IF scope IS NULL THEN
		RETURN NULL;
	END IF;
	IF cm_in_scope(scope, NEW.fields) THEN
		DELETE FROM sync_outside_external u WHERE u.c_channel_id = NEW.c_channel_id AND u.entity = NEW.entity AND u.external_id = NEW.external_id
			AND u.external_variant_id = NEW.external_variant_id;
		IF FOUND THEN
			INSERT INTO sync_unlinked_external (c_channel_id, entity, external_id, external_variant_id)
			VALUES (NEW.c_channel_id, NEW.entity, NEW.external_id, NEW.external_variant_id) ON CONFLICT DO NOTHING;
		END IF;
	ELSE
		DELETE FROM sync_unlinked_external u WHERE u.c_channel_id = NEW.c_channel_id AND u.entity = NEW.entity AND u.external_id = NEW.external_id
			AND u.external_variant_id = NEW.external_variant_id;
		IF FOUND THEN
			INSERT INTO sync_outside_external (c_channel_id, entity, external_id, external_variant_id)
			VALUES (NEW.c_channel_id, NEW.entity, NEW.external_id, NEW.external_variant_id) ON CONFLICT DO NOTHING;
		END IF;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER cm_scope_seen AFTER UPDATE OF fields ON c_channel_record FOR EACH ROW
WHEN (OLD.fields IS DISTINCT FROM NEW.fields) EXECUTE FUNCTION cm_scope_seen();
--> statement-breakpoint
CREATE FUNCTION cm_attach_scope(entity text, record_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER cm_scope AFTER UPDATE ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_scope_record(%L)',
		record_table, entity);
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_attach_entity(entity text, record_table text, map_table text, internal_column text, external_column text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO sync_entity (name, record_table, map_table, internal_column, external_column)
	VALUES (entity, record_table, map_table, internal_column, external_column);
	PERFORM cm_attach(entity, record_table, map_table, internal_column, external_column);
	PERFORM cm_attach_unlinked(entity, record_table, map_table, internal_column, external_column);
	PERFORM cm_attach_scope(entity, record_table);
	PERFORM cm_attach_link_references(entity, map_table, internal_column, external_column);
	PERFORM cm_write_views();
END $$;
--> statement-breakpoint
SELECT cm_attach_scope(name, record_table) FROM sync_entity;
