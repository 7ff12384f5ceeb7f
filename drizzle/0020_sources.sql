CREATE TABLE "sync_source" (
	"entity" text PRIMARY KEY NOT NULL,
	"descriptor" jsonb NOT NULL,
	"fingerprint" text NOT NULL,
	"planned_at" timestamptz NOT NULL,
	"removed_at" timestamptz
);
--> statement-breakpoint
-- Records of ours are gone, given by their rows as they were last: their links are orphans, and rows of those that had links are kept.
CREATE FUNCTION cm_records_gone(of_entity text, gone jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	e sync_entity;
BEGIN
	SELECT * INTO STRICT e FROM sync_entity s WHERE s.name = of_entity;
	INSERT INTO sync_outbox (entity, record_id, rev, operation)
	SELECT of_entity, (r ->> 'id')::bigint, (r ->> 'rev')::bigint, 'delete' FROM jsonb_array_elements(gone) r;
	EXECUTE format(
		'WITH gone AS (
			SELECT (r ->> ''id'')::bigint AS id, r AS state FROM jsonb_array_elements($2) r
		), old AS (
			SELECT m.id, to_jsonb(m) AS state FROM %1$I m JOIN gone ON gone.id = m.%2$I ORDER BY m.id FOR UPDATE OF m
		), orphaned AS (
			UPDATE %1$I m SET status = ''orphan'', state_rev = m.state_rev + 1, pending_write = NULL, clean_seq = m.dirty_seq, problem = $1
			FROM old WHERE m.id = old.id
			RETURNING m.id, m.c_channel_id, m.%2$I AS internal_id, m.%3$I AS external_id, m.external_variant_id,
				cm_state_delta(old.state, to_jsonb(m)) AS link_state
		), kept AS (
			INSERT INTO sync_deleted_record (entity, record_id, "row")
			SELECT $3, gone.id, gone.state FROM gone WHERE gone.id IN (SELECT internal_id FROM orphaned)
			ON CONFLICT (entity, record_id) DO UPDATE SET "row" = excluded."row", deleted_at = now()
		)
		INSERT INTO sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, link_state)
		SELECT c_channel_id, $3, id, internal_id, external_id, external_variant_id, ''database'', ''orphan'', link_state FROM orphaned ORDER BY id',
		e.map_table, e.internal_column, e.external_column
	) USING jsonb_build_object(
		'kind', 'missing-internal',
		'message', 'Our record was deleted.',
		'hint', 'Restore it, or unlink the two.'
	), gone, of_entity;
END $$;
--> statement-breakpoint
-- As before, in the words of cm_records_gone.
CREATE OR REPLACE FUNCTION cm_announce_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		PERFORM cm_records_gone(TG_ARGV[0], jsonb_build_array(to_jsonb(OLD)));
		RETURN OLD;
	END IF;
	IF TG_OP = 'INSERT' OR NEW.rev <> OLD.rev THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], NEW.id, NEW.rev, 'upsert');
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
-- Changed records of ours: where a channel has a scope, those that are free may lie on its other side now.
CREATE FUNCTION cm_sort_records(of_entity text, ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	k record;
BEGIN
	IF NOT EXISTS (SELECT 1 FROM c_channel_entity e WHERE e.entity = of_entity AND e.policy #> '{scope,internal}' IS NOT NULL) THEN
		RETURN;
	END IF;
	FOR k IN
		SELECT e.c_channel_id AS channel, n.id, (
			SELECT cm_in_scope(e.policy #> '{scope,internal}', r.fields) FROM cm_records r WHERE r.entity = of_entity AND r.id = n.id
		) AS inside
		FROM unnest(ids) AS n(id) CROSS JOIN c_channel_entity e WHERE e.entity = of_entity AND e.policy #> '{scope,internal}' IS NOT NULL
		ORDER BY 1, 2
	LOOP
		IF k.inside THEN
			DELETE FROM sync_outside_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id;
			IF FOUND THEN
				INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id) VALUES (k.channel, of_entity, k.id) ON CONFLICT DO NOTHING;
			END IF;
		ELSE
			DELETE FROM sync_unlinked_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id;
			IF FOUND THEN
				INSERT INTO sync_outside_internal (c_channel_id, entity, internal_id) VALUES (k.channel, of_entity, k.id) ON CONFLICT DO NOTHING;
			END IF;
		END IF;
	END LOOP;
END $$;
--> statement-breakpoint
-- As before, in the words of cm_sort_records.
CREATE OR REPLACE FUNCTION cm_scope_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM cm_sort_records(TG_ARGV[0], array_agg(n.id)) FROM new_rows n HAVING count(*) > 0;
	RETURN NULL;
END $$;
--> statement-breakpoint
-- What triggers on another application's table say of records that came, came back or changed. `fresh` were not there before;
-- `renamed` have another code or name than before, which those follow that are called after them.
CREATE FUNCTION cm_source_changed(of_entity text, ids bigint[], revs bigint[], fresh bigint[], renamed bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO sync_outbox (entity, record_id, rev, operation)
	SELECT of_entity, n.id, n.rev, 'upsert' FROM unnest(ids, revs) AS n(id, rev);
	PERFORM cm_free_internal(of_entity, array_agg(e.c_channel_id), array_agg(n.id))
	FROM unnest(fresh) AS n(id) CROSS JOIN c_channel_entity e WHERE e.entity = of_entity HAVING count(*) > 0;
	PERFORM cm_sort_records(of_entity, ids);
	INSERT INTO sync_rename (record_table, column_name, parent_id)
	SELECT e.record_table, r.column_name, n.id FROM sync_reference r JOIN sync_entity e ON e.name = r.entity CROSS JOIN unnest(renamed) AS n(id)
	WHERE r.to_entity = of_entity
		AND EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = e.record_table::regclass AND t.tgname = 'cm_derive_code')
	ON CONFLICT (record_table, column_name, parent_id) DO UPDATE SET after_id = 0;
END $$;
--> statement-breakpoint
-- The same of records that went, given by their rows.
CREATE FUNCTION cm_source_gone(of_entity text, gone jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM cm_records_gone(of_entity, gone);
	PERFORM cm_take_internal(of_entity, array_agg(e.c_channel_id), array_agg((r ->> 'id')::bigint))
	FROM jsonb_array_elements(gone) r CROSS JOIN c_channel_entity e WHERE e.entity = of_entity HAVING count(*) > 0;
END $$;
--> statement-breakpoint
-- Records that no trigger told of become candidates; before cm_fill_unlinked lists them as free.
CREATE FUNCTION cm_notice_records(of_channel bigint, of_entity text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO sync_candidate (c_channel_id, entity, side, record_id)
	SELECT of_channel, of_entity, 'internal', r.id::text FROM cm_records r WHERE r.entity = of_entity
		AND NOT EXISTS (SELECT 1 FROM sync_unlinked_internal u WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND u.internal_id = r.id)
		AND NOT EXISTS (SELECT 1 FROM sync_outside_internal u WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND u.internal_id = r.id)
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = of_channel AND l.internal_id = r.id)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = of_channel AND x.entity = of_entity AND x.kind = 'record' AND x.internal_id = r.id)
	ON CONFLICT DO NOTHING
$$;
