ALTER TABLE "link_history" DROP CONSTRAINT "link_history_c_channel_id_c_channel_id_fk";
--> statement-breakpoint
ALTER TABLE "c_channel_exclusion" DROP CONSTRAINT "c_channel_exclusion_c_channel_id_c_channel_id_fk";
--> statement-breakpoint
DROP INDEX "c_channel_exclusion_internal";--> statement-breakpoint
DROP INDEX "c_channel_exclusion_external";--> statement-breakpoint
CREATE INDEX "c_channel_exclusion_internal" ON "c_channel_exclusion" USING btree ("c_channel_id","entity","internal_id") WHERE internal_id is not null;--> statement-breakpoint
CREATE INDEX "c_channel_exclusion_external" ON "c_channel_exclusion" USING btree ("c_channel_id","entity","external_id","external_variant_id") WHERE external_id is not null;
--> statement-breakpoint
-- Still one look-up by key for each record (OFFSET 0 leaves no other way), in one statement for all of them rather than two a record.
CREATE OR REPLACE FUNCTION cm_take_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
	DELETE FROM sync_unlinked_internal WHERE ctid = ANY (ARRAY(
		SELECT f.place FROM unnest(channels, ids) AS k(channel, id) CROSS JOIN LATERAL (
			SELECT u.ctid AS place FROM sync_unlinked_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id OFFSET 0
		) f));
	DELETE FROM sync_outside_internal WHERE ctid = ANY (ARRAY(
		SELECT f.place FROM unnest(channels, ids) AS k(channel, id) CROSS JOIN LATERAL (
			SELECT u.ctid AS place FROM sync_outside_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id OFFSET 0
		) f));
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_take_external(of_entity text, channels bigint[], ids text[], variants text[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
	DELETE FROM sync_unlinked_external WHERE ctid = ANY (ARRAY(
		SELECT f.place FROM unnest(channels, ids, variants) AS k(channel, id, variant) CROSS JOIN LATERAL (
			SELECT u.ctid AS place FROM sync_unlinked_external u
			WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.external_id = k.id AND u.external_variant_id = k.variant OFFSET 0
		) f));
	DELETE FROM sync_outside_external WHERE ctid = ANY (ARRAY(
		SELECT f.place FROM unnest(channels, ids, variants) AS k(channel, id, variant) CROSS JOIN LATERAL (
			SELECT u.ctid AS place FROM sync_outside_external u
			WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.external_id = k.id AND u.external_variant_id = k.variant OFFSET 0
		) f));
END $$;
