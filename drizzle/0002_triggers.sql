-- Internal records: whoever writes, the revision moves, each changed field gets its time, and the engine gets a hint.
CREATE FUNCTION cm_touch_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	before jsonb;
	after jsonb;
	stamps jsonb;
BEGIN
	IF TG_OP = 'INSERT' THEN
		NEW.rev := 1;
		RETURN NEW;
	END IF;
	before := to_jsonb(OLD) - 'rev' - 'changed' - 'created_at' - 'updated_at';
	after := to_jsonb(NEW) - 'rev' - 'changed' - 'created_at' - 'updated_at';
	IF before = after THEN
		NEW.rev := OLD.rev;
		NEW.changed := OLD.changed;
		NEW.updated_at := OLD.updated_at;
		RETURN NEW;
	END IF;
	-- A writer that names a field's time keeps it (a pulled value carries its source's); every other change is now.
	SELECT coalesce(jsonb_object_agg(field.key, cm_iso(clock_timestamp())), '{}'::jsonb) INTO stamps
	FROM jsonb_each(after) AS field
	WHERE field.value IS DISTINCT FROM before -> field.key
		AND (NEW.changed -> field.key) IS NOT DISTINCT FROM (OLD.changed -> field.key);
	NEW.changed := NEW.changed || stamps;
	NEW.rev := OLD.rev + 1;
	NEW.updated_at := clock_timestamp();
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE FUNCTION cm_announce_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], OLD.id, OLD.rev, 'delete');
		EXECUTE format(
			'UPDATE %I SET status = ''orphan'', state_rev = state_rev + 1, pending_write = NULL, clean_seq = dirty_seq, problem = $1 WHERE %I = $2',
			TG_ARGV[1], TG_ARGV[2]
		) USING jsonb_build_object(
			'kind', 'missing-internal',
			'message', 'Our record was deleted.',
			'hint', 'Unlink, or restore the record from the journal.'
		), OLD.id;
		RETURN OLD;
	END IF;
	IF TG_OP = 'INSERT' OR NEW.rev <> OLD.rev THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], NEW.id, NEW.rev, 'upsert');
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
-- Links by status, as appended differences: no counter row that writers would queue for.
CREATE FUNCTION cm_count_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO sync_link_count (c_channel_id, entity, status, links)
		SELECT c_channel_id, TG_ARGV[0], status, count(*) FROM new_rows GROUP BY 1, 3;
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO sync_link_count (c_channel_id, entity, status, links)
		SELECT c_channel_id, TG_ARGV[0], status, -count(*) FROM old_rows GROUP BY 1, 3;
	ELSE
		INSERT INTO sync_link_count (c_channel_id, entity, status, links)
		SELECT c_channel_id, TG_ARGV[0], status, sum(links) FROM (
			SELECT c_channel_id, status, 1 AS links FROM new_rows
			UNION ALL
			SELECT c_channel_id, status, -1 FROM old_rows
		) AS moved GROUP BY 1, 3 HAVING sum(links) <> 0;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
-- Secondary links exist only where the channel allows them.
CREATE FUNCTION cm_check_secondary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT NEW.is_primary AND NOT EXISTS (
		SELECT 1 FROM c_channel_entity
		WHERE c_channel_id = NEW.c_channel_id AND entity = TG_ARGV[0] AND allow_secondary
	) THEN
		RAISE EXCEPTION 'this channel allows one link per record' USING ERRCODE = 'check_violation', CONSTRAINT = 'secondary_link_not_allowed';
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE FUNCTION cm_touch_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF (NEW.c_channel_id, NEW.external_variant_id, NEW.is_primary) IS DISTINCT FROM (OLD.c_channel_id, OLD.external_variant_id, OLD.is_primary)
		OR (to_jsonb(NEW) -> TG_ARGV[0]) IS DISTINCT FROM (to_jsonb(OLD) -> TG_ARGV[0])
		OR (to_jsonb(NEW) -> TG_ARGV[1]) IS DISTINCT FROM (to_jsonb(OLD) -> TG_ARGV[1]) THEN
		NEW.updated_at := clock_timestamp();
	END IF;
	RETURN NEW;
END $$;
--> statement-breakpoint
-- The one call that makes a table of internal records and its link table take part.
CREATE FUNCTION cm_attach(entity text, record_table text, map_table text, internal_column text, external_column text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER cm_touch BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION cm_touch_record()', record_table);
	EXECUTE format('CREATE TRIGGER cm_announce AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION cm_announce_record(%L, %L, %L)',
		record_table, entity, map_table, internal_column);
	EXECUTE format('CREATE TRIGGER cm_secondary BEFORE INSERT OR UPDATE OF is_primary ON %I FOR EACH ROW EXECUTE FUNCTION cm_check_secondary(%L)', map_table, entity);
	EXECUTE format('CREATE TRIGGER cm_touch BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION cm_touch_link(%L, %L)', map_table, internal_column, external_column);
	EXECUTE format('CREATE TRIGGER cm_count_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_count_links(%L)', map_table, entity);
	EXECUTE format('CREATE TRIGGER cm_count_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_count_links(%L)', map_table, entity);
	EXECUTE format('CREATE TRIGGER cm_count_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_count_links(%L)', map_table, entity);
END $$;
--> statement-breakpoint
SELECT cm_attach('product', 'm_product', 'c_channel_map_product', 'm_product_id', 'external_product_id');
--> statement-breakpoint
SELECT cm_attach('business-partner', 'c_bpartner', 'c_channel_map_bpartner', 'c_bpartner_id', 'external_bpartner_id');
