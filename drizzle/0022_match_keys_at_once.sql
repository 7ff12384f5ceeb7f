ALTER INDEX "c_channel_record_match_keys" SET (fastupdate = false);--> statement-breakpoint
SELECT gin_clean_pending_list('c_channel_record_match_keys');
