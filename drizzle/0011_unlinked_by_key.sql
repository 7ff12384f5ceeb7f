-- One look-up by key for each record: over many rows at once the planner, which knows such a young table as a small one, may
-- compare all with all. Sequential scans are off for the same reason.
CREATE OR REPLACE FUNCTION cm_take_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT channel, id FROM unnest(channels, ids) AS n(channel, id) LOOP
		DELETE FROM sync_unlinked_internal u WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.internal_id = k.id;
	END LOOP;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cm_take_external(of_entity text, channels bigint[], ids text[], variants text[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	k record;
BEGIN
	FOR k IN SELECT channel, id, variant FROM unnest(channels, ids, variants) AS n(channel, id, variant) LOOP
		DELETE FROM sync_unlinked_external u
		WHERE u.c_channel_id = k.channel AND u.entity = of_entity AND u.external_id = k.id AND u.external_variant_id = k.variant;
	END LOOP;
END $$;
--> statement-breakpoint
ALTER FUNCTION cm_free_internal(text, bigint[], bigint[]) SET enable_seqscan = off;
--> statement-breakpoint
ALTER FUNCTION cm_free_external(text, bigint[], text[], text[]) SET enable_seqscan = off;
