-- What a search of the channel's records looks through: id, code and name.
CREATE FUNCTION cm_external_text(external_id text, fields jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT lower(external_id || ' ' || coalesce(fields ->> 'value', '') || ' ' || coalesce(fields ->> 'name', '')) $$;
--> statement-breakpoint
ALTER TABLE "sync_decision" ALTER COLUMN "c_channel_id" DROP NOT NULL;
--> statement-breakpoint
CREATE INDEX "c_channel_record_search" ON "c_channel_record" USING gin ((cm_external_text(external_id, fields)) gin_trgm_ops);