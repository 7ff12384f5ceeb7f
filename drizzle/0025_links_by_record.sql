-- As before, but whether a record has a link is asked of the index by record: "+ 0" leaves no other one to choose. In a young table the
-- planner takes the indexes by channel for as good, and then each new record reads every link of its channel until statistics are gathered.
CREATE OR REPLACE FUNCTION cm_free_internal(of_entity text, channels bigint[], ids bigint[]) RETURNS void LANGUAGE sql SET enable_seqscan = off AS $$
	WITH free AS MATERIALIZED (
		SELECT DISTINCT k.channel, k.id, r.inside FROM unnest(channels, ids) AS k(channel, id)
		CROSS JOIN LATERAL (
			SELECT e.policy #> '{scope,internal}' AS scope FROM c_channel_entity e WHERE e.c_channel_id = k.channel AND e.entity = of_entity OFFSET 0
		) e
		CROSS JOIN LATERAL (
			SELECT e.scope IS NULL OR cm_in_scope(e.scope, r.fields) AS inside FROM cm_records r WHERE r.entity = of_entity AND r.id = k.id OFFSET 0
		) r
		WHERE NOT EXISTS (SELECT 1 FROM cm_links l WHERE l.entity = of_entity AND l.c_channel_id + 0 = k.channel AND l.internal_id = k.id OFFSET 0)
			AND NOT EXISTS (SELECT 1 FROM c_channel_exclusion x WHERE x.c_channel_id = k.channel AND x.entity = of_entity AND x.kind = 'record'
				AND x.internal_id = k.id OFFSET 0)
	), outside AS (
		INSERT INTO sync_outside_internal (c_channel_id, entity, internal_id)
		SELECT f.channel, of_entity, f.id FROM free f WHERE NOT f.inside ON CONFLICT DO NOTHING
	)
	INSERT INTO sync_unlinked_internal (c_channel_id, entity, internal_id)
	SELECT f.channel, of_entity, f.id FROM free f WHERE f.inside ON CONFLICT DO NOTHING
$$;
