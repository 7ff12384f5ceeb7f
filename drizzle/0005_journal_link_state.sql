ALTER TABLE "sync_decision" ADD COLUMN "link_state" jsonb;
--> statement-breakpoint
-- What moved between two states of a link's row, in the form of sync_decision.link_state; null where nothing that it keeps.
-- src/store/memory/state-delta.ts says the same.
CREATE FUNCTION cm_state_delta(before jsonb, after jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT jsonb_object_agg(k.key, CASE
		WHEN k.key IN ('base_internal', 'base_external') AND jsonb_typeof(before -> k.key) = 'object' AND jsonb_typeof(after -> k.key) = 'object'
		THEN (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(after -> k.key) f WHERE f.value IS DISTINCT FROM before -> k.key -> f.key)
		ELSE after -> k.key END)
	FROM unnest(ARRAY['is_primary', 'status', 'waiting', 'problem', 'base_internal', 'base_external', 'unconfirmed', 'codec_fingerprint', 'pending_write']) AS k(key)
	WHERE after -> k.key IS DISTINCT FROM before -> k.key
$$;
--> statement-breakpoint
-- The whole state of a link's row, in the same form.
CREATE FUNCTION cm_state_began(after jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT '{"began": true}'::jsonb || coalesce(cm_state_delta('{"is_primary": true, "status": "pending", "waiting": null, "problem": null, "base_internal": null,
		"base_external": null, "unconfirmed": [], "codec_fingerprint": null, "pending_write": null}', after), '{}')
$$;
--> statement-breakpoint
-- Writes every link's whole state to the journal: entries before it are then no longer needed to tell the present one.
CREATE FUNCTION cm_snapshot_links(entity text, map_table text, internal_column text, external_column text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	-- Whoever is writing a link now has its entry before the snapshot's.
	EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', map_table);
	EXECUTE format(
		'INSERT INTO sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, link_state)
		SELECT m.c_channel_id, $1, m.id, m.%I, m.%I, m.external_variant_id, ''database'', ''snapshot'', cm_state_began(to_jsonb(m)) FROM %I m ORDER BY m.id',
		internal_column, external_column, map_table
	) USING entity;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_announce_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], OLD.id, OLD.rev, 'delete');
		EXECUTE format(
			'WITH old AS (
				SELECT m.id, to_jsonb(m) AS state FROM %1$I m WHERE m.%2$I = $2 ORDER BY m.id FOR UPDATE
			), orphaned AS (
				UPDATE %1$I m SET status = ''orphan'', state_rev = m.state_rev + 1, pending_write = NULL, clean_seq = m.dirty_seq, problem = $1
				FROM old WHERE m.id = old.id
				RETURNING m.id, m.c_channel_id, m.%3$I AS external_id, m.external_variant_id, cm_state_delta(old.state, to_jsonb(m)) AS link_state
			)
			INSERT INTO sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, link_state)
			SELECT c_channel_id, $3, id, $2, external_id, external_variant_id, ''database'', ''orphan'', link_state FROM orphaned ORDER BY id',
			TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]
		) USING jsonb_build_object(
			'kind', 'missing-internal',
			'message', 'Our record was deleted.',
			'hint', 'Unlink, or restore the record from the journal.'
		), OLD.id, TG_ARGV[0];
		RETURN OLD;
	END IF;
	IF TG_OP = 'INSERT' OR NEW.rev <> OLD.rev THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], NEW.id, NEW.rev, 'upsert');
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
-- As before, but that the trigger which announces a record knows the column of the channel's id too.
CREATE OR REPLACE FUNCTION cm_attach(entity text, record_table text, map_table text, internal_column text, external_column text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER cm_touch BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION cm_touch_record()', record_table);
	EXECUTE format('CREATE TRIGGER cm_announce AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION cm_announce_record(%L, %L, %L, %L)',
		record_table, entity, map_table, internal_column, external_column);
	EXECUTE format('CREATE TRIGGER cm_secondary BEFORE INSERT OR UPDATE OF is_primary ON %I FOR EACH ROW EXECUTE FUNCTION cm_check_secondary(%L)', map_table, entity);
	EXECUTE format('CREATE TRIGGER cm_touch BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION cm_touch_link(%L, %L)', map_table, internal_column, external_column);
	EXECUTE format('CREATE TRIGGER cm_count_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_count_links(%L)', map_table, entity);
	EXECUTE format('CREATE TRIGGER cm_count_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_count_links(%L)', map_table, entity);
	EXECUTE format('CREATE TRIGGER cm_count_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_count_links(%L)', map_table, entity);
END $$;
--> statement-breakpoint
DROP TRIGGER cm_announce ON m_product;
--> statement-breakpoint
DROP TRIGGER cm_announce ON c_bpartner;
--> statement-breakpoint
CREATE TRIGGER cm_announce AFTER INSERT OR UPDATE OR DELETE ON m_product FOR EACH ROW
EXECUTE FUNCTION cm_announce_record('product', 'c_channel_map_product', 'm_product_id', 'external_product_id');
--> statement-breakpoint
CREATE TRIGGER cm_announce AFTER INSERT OR UPDATE OR DELETE ON c_bpartner FOR EACH ROW
EXECUTE FUNCTION cm_announce_record('business-partner', 'c_channel_map_bpartner', 'c_bpartner_id', 'external_bpartner_id');
--> statement-breakpoint
SELECT cm_snapshot_links('product', 'c_channel_map_product', 'm_product_id', 'external_product_id');
--> statement-breakpoint
SELECT cm_snapshot_links('business-partner', 'c_channel_map_bpartner', 'c_bpartner_id', 'external_bpartner_id');
