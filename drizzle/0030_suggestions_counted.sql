CREATE TABLE "sync_suggestion_count" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"c_channel_id" bigint NOT NULL,
	"entity" text NOT NULL,
	"suggestions" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sync_suggestion_count_channel" ON "sync_suggestion_count" USING btree ("c_channel_id","entity");--> statement-breakpoint
-- Suggestions that wait, as appended differences: no counter row that writers would queue for.
CREATE FUNCTION cm_count_suggestions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO sync_suggestion_count (c_channel_id, entity, suggestions)
		SELECT c_channel_id, entity, count(*) FROM new_rows GROUP BY 1, 2;
	ELSE
		INSERT INTO sync_suggestion_count (c_channel_id, entity, suggestions)
		SELECT c_channel_id, entity, -count(*) FROM old_rows GROUP BY 1, 2;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
-- None for updates: a suggestion stays with its channel and kind of record.
CREATE TRIGGER cm_count_inserted AFTER INSERT ON c_channel_suggestion REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION cm_count_suggestions();
--> statement-breakpoint
CREATE TRIGGER cm_count_deleted AFTER DELETE ON c_channel_suggestion REFERENCING OLD TABLE AS old_rows
	FOR EACH STATEMENT EXECUTE FUNCTION cm_count_suggestions();
--> statement-breakpoint
INSERT INTO sync_suggestion_count (c_channel_id, entity, suggestions)
SELECT c_channel_id, entity, count(*) FROM c_channel_suggestion GROUP BY 1, 2;
