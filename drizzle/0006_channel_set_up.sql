ALTER TABLE "c_channel" ADD COLUMN "tested_at" timestamptz;--> statement-breakpoint
ALTER TABLE "c_channel" ADD COLUMN "set_up_at" timestamptz;--> statement-breakpoint
ALTER TABLE "c_channel" ADD COLUMN "deleted_at" timestamptz;--> statement-breakpoint
CREATE INDEX "sync_conflict_field" ON "sync_conflict" USING btree ("c_channel_id","entity","field","id") WHERE state = 'open';--> statement-breakpoint
UPDATE "c_channel" c SET "set_up_at" = now() WHERE EXISTS (SELECT 1 FROM "c_channel_entity" e WHERE e."c_channel_id" = c."id" AND (e."push_live" OR e."pull_live"));
