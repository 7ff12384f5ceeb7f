ALTER TABLE "sync_decision" ADD COLUMN "shadow" jsonb;--> statement-breakpoint
CREATE INDEX "sync_decision_shadow" ON "sync_decision" USING btree ("c_channel_id","id") WHERE shadow is not null;