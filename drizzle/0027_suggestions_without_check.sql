ALTER TABLE "c_channel_suggestion" DROP CONSTRAINT "c_channel_suggestion_c_channel_id_c_channel_id_fk";
