DROP INDEX "c_channel_suggestion_external";--> statement-breakpoint
DROP INDEX "c_channel_suggestion_pair";--> statement-breakpoint
CREATE INDEX "c_channel_suggestion_internal" ON "c_channel_suggestion" USING btree ("internal_id","c_channel_id","entity");--> statement-breakpoint
CREATE UNIQUE INDEX "c_channel_suggestion_pair" ON "c_channel_suggestion" USING btree ("external_id","external_variant_id","internal_id","c_channel_id","entity");