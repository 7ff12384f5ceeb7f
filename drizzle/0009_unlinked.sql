CREATE TABLE "sync_unlinked_external" (
	"c_channel_id" bigint NOT NULL,
	"entity" text NOT NULL,
	"external_id" text NOT NULL,
	"external_variant_id" text DEFAULT '' NOT NULL,
	CONSTRAINT "sync_unlinked_external_c_channel_id_entity_external_id_external_variant_id_pk" PRIMARY KEY("c_channel_id","entity","external_id","external_variant_id")
);
--> statement-breakpoint
CREATE TABLE "sync_unlinked_internal" (
	"c_channel_id" bigint NOT NULL,
	"entity" text NOT NULL,
	"internal_id" bigint NOT NULL,
	CONSTRAINT "sync_unlinked_internal_c_channel_id_entity_internal_id_pk" PRIMARY KEY("c_channel_id","entity","internal_id")
);
--> statement-breakpoint
-- Every link and every record of ours, whatever the entity: what triggers that serve all entities look into.
CREATE VIEW cm_links AS
SELECT 'product'::text AS entity, c_channel_id, m_product_id AS internal_id, external_product_id AS external_id, external_variant_id FROM c_channel_map_product
UNION ALL
SELECT 'business-partner'::text, c_channel_id, c_bpartner_id, external_bpartner_id, external_variant_id FROM c_channel_map_bpartner;
--> statement-breakpoint
CREATE VIEW cm_records AS
SELECT 'product'::text AS entity, id FROM m_product
UNION ALL
SELECT 'business-partner'::text, id FROM c_bpartner;
--> statement-breakpoint
-- Adds those of these records that are free: there, without a link, not set aside. OFFSET 0 asks the index for each of them; else
-- a page of new records could make the planner read a whole link table.
CREATE FUNCTION cm_free_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id)
	SELECT DISTINCT k.channel, of_entity, k.id FROM unnest(channels, ids) AS k(channel, id)
	WHERE EXISTS (SELECT 1 FROM cm_records r WHERE r.entity = of_entity AND r.id = k.id OFFSET 0)
		AND EXISTS (SELECT 1 FROM c_channel_entity e WHERE e.c_channel_id = k.channel AND e.entity = of_entity OFFSET 0)
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = k.channel AND l.internal_id = k.id OFFSET 0)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = k.channel AND x.entity = of_entity AND x.kind = 'record'
			AND x.internal_id = k.id OFFSET 0)
	ON CONFLICT DO NOTHING
$$;
--> statement-breakpoint
CREATE FUNCTION cm_free_external(of_entity text, channels bigint[], ids text[], variants text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO sync_unlinked_external (c_channel_id, entity, external_id, external_variant_id)
	SELECT DISTINCT k.channel, of_entity, k.id, k.variant FROM unnest(channels, ids, variants) AS k(channel, id, variant)
	WHERE EXISTS (SELECT 1 FROM c_channel_record r WHERE r.c_channel_id = k.channel AND r.entity = of_entity AND r.external_id = k.id
			AND r.external_variant_id = k.variant AND r.deleted_at IS NULL OFFSET 0)
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = k.channel AND l.external_id = k.id
			AND l.external_variant_id = k.variant OFFSET 0)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = k.channel AND x.entity = of_entity AND x.kind = 'record'
			AND x.external_id = k.id AND x.external_variant_id = k.variant OFFSET 0)
	ON CONFLICT DO NOTHING
$$;
--> statement-breakpoint
CREATE FUNCTION cm_take_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE sql AS $$
	DELETE FROM sync_unlinked_internal u USING unnest(channels, ids) AS k(channel, id)
	WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id
$$;
--> statement-breakpoint
CREATE FUNCTION cm_take_external(of_entity text, channels bigint[], ids text[], variants text[]) RETURNS void LANGUAGE sql AS $$
	DELETE FROM sync_unlinked_external u USING unnest(channels, ids, variants) AS k(channel, id, variant)
	WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.external_id = k.id AND u.external_variant_id = k.variant
$$;
--> statement-breakpoint
CREATE FUNCTION cm_unlinked_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM cm_free_internal(TG_ARGV[0], array_agg(e.c_channel_id), array_agg(n.id))
		FROM new_rows n CROSS JOIN c_channel_entity e WHERE e.entity = TG_ARGV[0] HAVING count(*) > 0;
	ELSE
		PERFORM cm_take_internal(TG_ARGV[0], array_agg(e.c_channel_id), array_agg(o.id))
		FROM old_rows o CROSS JOIN c_channel_entity e WHERE e.entity = TG_ARGV[0] HAVING count(*) > 0;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
-- The columns of the two ids have a name of their own in each link table.
CREATE FUNCTION cm_unlinked_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_LEVEL = 'ROW' THEN
		PERFORM cm_take_internal(TG_ARGV[0], ARRAY[NEW.c_channel_id], ARRAY[(to_jsonb(NEW) ->> TG_ARGV[1])::bigint]);
		PERFORM cm_take_external(TG_ARGV[0], ARRAY[NEW.c_channel_id], ARRAY[to_jsonb(NEW) ->> TG_ARGV[2]], ARRAY[NEW.external_variant_id]);
		PERFORM cm_free_internal(TG_ARGV[0], ARRAY[OLD.c_channel_id], ARRAY[(to_jsonb(OLD) ->> TG_ARGV[1])::bigint]);
		PERFORM cm_free_external(TG_ARGV[0], ARRAY[OLD.c_channel_id], ARRAY[to_jsonb(OLD) ->> TG_ARGV[2]], ARRAY[OLD.external_variant_id]);
	ELSIF TG_OP = 'INSERT' THEN
		EXECUTE format('SELECT cm_take_internal($1, array_agg(c_channel_id), array_agg(%I)), cm_take_external($1, array_agg(c_channel_id), array_agg(%I), array_agg(external_variant_id))
			FROM new_rows HAVING count(*) > 0', TG_ARGV[1], TG_ARGV[2]) USING TG_ARGV[0];
	ELSE
		EXECUTE format('SELECT cm_free_internal($1, array_agg(c_channel_id), array_agg(%I)), cm_free_external($1, array_agg(c_channel_id), array_agg(%I), array_agg(external_variant_id))
			FROM old_rows HAVING count(*) > 0', TG_ARGV[1], TG_ARGV[2]) USING TG_ARGV[0];
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION cm_unlinked_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_LEVEL = 'ROW' AND NEW.deleted_at IS NULL THEN
		PERFORM cm_free_external(NEW.entity, ARRAY[NEW.c_channel_id], ARRAY[NEW.external_id], ARRAY[NEW.external_variant_id]);
	ELSIF TG_LEVEL = 'ROW' THEN
		PERFORM cm_take_external(NEW.entity, ARRAY[NEW.c_channel_id], ARRAY[NEW.external_id], ARRAY[NEW.external_variant_id]);
	ELSIF TG_OP = 'INSERT' THEN
		PERFORM cm_free_external(entity, array_agg(c_channel_id), array_agg(external_id), array_agg(external_variant_id)) FROM new_rows GROUP BY entity;
	ELSE
		PERFORM cm_take_external(entity, array_agg(c_channel_id), array_agg(external_id), array_agg(external_variant_id)) FROM old_rows GROUP BY entity;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION cm_unlinked_exclusion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM cm_take_internal(entity, array_agg(c_channel_id), array_agg(internal_id)) FROM new_rows
		WHERE kind = 'record' AND internal_id IS NOT NULL GROUP BY entity;
		PERFORM cm_take_external(entity, array_agg(c_channel_id), array_agg(external_id), array_agg(external_variant_id)) FROM new_rows
		WHERE kind = 'record' AND external_id IS NOT NULL GROUP BY entity;
	ELSE
		PERFORM cm_free_internal(entity, array_agg(c_channel_id), array_agg(internal_id)) FROM old_rows
		WHERE kind = 'record' AND internal_id IS NOT NULL GROUP BY entity;
		PERFORM cm_free_external(entity, array_agg(c_channel_id), array_agg(external_id), array_agg(external_variant_id)) FROM old_rows
		WHERE kind = 'record' AND external_id IS NOT NULL GROUP BY entity;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
-- What is free at a channel and entity, worked out from the start; also mends what two transactions side by side could have missed.
CREATE FUNCTION cm_fill_unlinked(of_channel bigint, of_entity text) RETURNS void LANGUAGE sql AS $$
	DELETE FROM sync_unlinked_internal u WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND NOT (
		EXISTS (SELECT 1 FROM cm_records r WHERE r.entity = of_entity AND r.id = u.internal_id)
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = of_channel AND l.internal_id = u.internal_id)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = of_channel AND x.entity = of_entity AND x.kind = 'record' AND x.internal_id = u.internal_id));
	INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id)
	SELECT of_channel, of_entity, r.id FROM cm_records r WHERE r.entity = of_entity
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = of_channel AND l.internal_id = r.id)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = of_channel AND x.entity = of_entity AND x.kind = 'record' AND x.internal_id = r.id)
	ON CONFLICT DO NOTHING;
	DELETE FROM sync_unlinked_external u WHERE u.c_channel_id = of_channel AND u.entity = of_entity AND NOT (
		EXISTS (SELECT 1 FROM c_channel_record r WHERE r.c_channel_id = of_channel AND r.entity = of_entity AND r.external_id = u.external_id
			AND r.external_variant_id = u.external_variant_id AND r.deleted_at IS NULL)
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = of_channel AND l.external_id = u.external_id
			AND l.external_variant_id = u.external_variant_id)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = of_channel AND x.entity = of_entity AND x.kind = 'record'
			AND x.external_id = u.external_id AND x.external_variant_id = u.external_variant_id));
	INSERT INTO sync_unlinked_external (c_channel_id, entity, external_id, external_variant_id)
	SELECT of_channel, of_entity, r.external_id, r.external_variant_id FROM c_channel_record r
	WHERE r.c_channel_id = of_channel AND r.entity = of_entity AND r.deleted_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id = of_channel AND l.external_id = r.external_id
			AND l.external_variant_id = r.external_variant_id)
		AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = of_channel AND x.entity = of_entity AND x.kind = 'record'
			AND x.external_id = r.external_id AND x.external_variant_id = r.external_variant_id)
	ON CONFLICT DO NOTHING;
$$;
--> statement-breakpoint
CREATE FUNCTION cm_unlinked_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		PERFORM cm_fill_unlinked(NEW.c_channel_id, NEW.entity);
	ELSE
		DELETE FROM sync_unlinked_internal WHERE c_channel_id = OLD.c_channel_id AND entity = OLD.entity;
		DELETE FROM sync_unlinked_external WHERE c_channel_id = OLD.c_channel_id AND entity = OLD.entity;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION cm_attach_unlinked(entity text, record_table text, map_table text, internal_column text, external_column text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER cm_unlinked_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_record(%L)', record_table, entity);
	EXECUTE format('CREATE TRIGGER cm_unlinked_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_record(%L)', record_table, entity);
	EXECUTE format('CREATE TRIGGER cm_unlinked_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_link(%L, %L, %L)', map_table, entity, internal_column, external_column);
	EXECUTE format('CREATE TRIGGER cm_unlinked_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_link(%L, %L, %L)', map_table, entity, internal_column, external_column);
	EXECUTE format('CREATE TRIGGER cm_unlinked_update AFTER UPDATE OF c_channel_id, %I, %I, external_variant_id ON %I FOR EACH ROW EXECUTE FUNCTION cm_unlinked_link(%L, %L, %L)',
		internal_column, external_column, map_table, entity, internal_column, external_column);
END $$;
--> statement-breakpoint
SELECT cm_attach_unlinked('product', 'm_product', 'c_channel_map_product', 'm_product_id', 'external_product_id');
--> statement-breakpoint
SELECT cm_attach_unlinked('business-partner', 'c_bpartner', 'c_channel_map_bpartner', 'c_bpartner_id', 'external_bpartner_id');
--> statement-breakpoint
CREATE TRIGGER cm_unlinked_insert AFTER INSERT ON c_channel_record REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_seen();
--> statement-breakpoint
CREATE TRIGGER cm_unlinked_delete AFTER DELETE ON c_channel_record REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_seen();
--> statement-breakpoint
CREATE TRIGGER cm_unlinked_update AFTER UPDATE OF deleted_at ON c_channel_record FOR EACH ROW
WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION cm_unlinked_seen();
--> statement-breakpoint
CREATE TRIGGER cm_unlinked_insert AFTER INSERT ON c_channel_exclusion REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_exclusion();
--> statement-breakpoint
CREATE TRIGGER cm_unlinked_delete AFTER DELETE ON c_channel_exclusion REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION cm_unlinked_exclusion();
--> statement-breakpoint
CREATE TRIGGER cm_unlinked AFTER INSERT OR DELETE ON c_channel_entity FOR EACH ROW EXECUTE FUNCTION cm_unlinked_channel();
--> statement-breakpoint
SELECT cm_fill_unlinked(c_channel_id, entity) FROM c_channel_entity;
