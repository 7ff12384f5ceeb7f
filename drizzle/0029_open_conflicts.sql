CREATE TABLE "sync_conflict_count" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"c_channel_id" bigint NOT NULL,
	"entity" text NOT NULL,
	"field" text NOT NULL,
	"rule" text NOT NULL,
	"conflicts" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sync_conflict_count_channel" ON "sync_conflict_count" USING btree ("c_channel_id","entity");--> statement-breakpoint
-- Open conflicts by what they are about, as appended differences: no counter row that writers would queue for.
CREATE FUNCTION cm_count_conflicts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO sync_conflict_count (c_channel_id, entity, field, rule, conflicts)
		SELECT c_channel_id, entity, field, rule, count(*) FROM new_rows WHERE state = 'open' GROUP BY 1, 2, 3, 4;
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO sync_conflict_count (c_channel_id, entity, field, rule, conflicts)
		SELECT c_channel_id, entity, field, rule, -count(*) FROM old_rows WHERE state = 'open' GROUP BY 1, 2, 3, 4;
	ELSE
		INSERT INTO sync_conflict_count (c_channel_id, entity, field, rule, conflicts)
		SELECT c_channel_id, entity, field, rule, sum(conflicts) FROM (
			SELECT c_channel_id, entity, field, rule, 1 AS conflicts FROM new_rows WHERE state = 'open'
			UNION ALL
			SELECT c_channel_id, entity, field, rule, -1 FROM old_rows WHERE state = 'open'
		) AS moved GROUP BY 1, 2, 3, 4 HAVING sum(conflicts) <> 0;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER cm_count_inserted AFTER INSERT ON sync_conflict REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION cm_count_conflicts();
--> statement-breakpoint
CREATE TRIGGER cm_count_updated AFTER UPDATE ON sync_conflict REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION cm_count_conflicts();
--> statement-breakpoint
CREATE TRIGGER cm_count_deleted AFTER DELETE ON sync_conflict REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION cm_count_conflicts();
--> statement-breakpoint
INSERT INTO sync_conflict_count (c_channel_id, entity, field, rule, conflicts)
SELECT c_channel_id, entity, field, rule, count(*) FROM sync_conflict WHERE state = 'open' GROUP BY 1, 2, 3, 4;
