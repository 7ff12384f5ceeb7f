CREATE TABLE "sync_deleted_record" (
	"entity" text NOT NULL,
	"record_id" bigint NOT NULL,
	"row" jsonb NOT NULL,
	"deleted_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "sync_deleted_record_entity_record_id_pk" PRIMARY KEY("entity","record_id")
);

--> statement-breakpoint
-- As before, but that the row of a record that had links is kept.
CREATE OR REPLACE FUNCTION cm_announce_record() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	orphans bigint;
BEGIN
	IF TG_OP = 'DELETE' THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], OLD.id, OLD.rev, 'delete');
		EXECUTE format(
			'WITH old AS (
				SELECT m.id, to_jsonb(m) AS state FROM %1$I m WHERE m.%2$I = $2 ORDER BY m.id FOR UPDATE
			), orphaned AS (
				UPDATE %1$I m SET status = ''orphan'', state_rev = m.state_rev + 1, pending_write = NULL, clean_seq = m.dirty_seq, problem = $1
				FROM old WHERE m.id = old.id
				RETURNING m.id, m.c_channel_id, m.%3$I AS external_id, m.external_variant_id, cm_state_delta(old.state, to_jsonb(m)) AS link_state
			)
			INSERT INTO sync_decision (c_channel_id, entity, link_id, internal_id, external_id, external_variant_id, actor, action, link_state)
			SELECT c_channel_id, $3, id, $2, external_id, external_variant_id, ''database'', ''orphan'', link_state FROM orphaned ORDER BY id',
			TG_ARGV[1], TG_ARGV[2], TG_ARGV[3]
		) USING jsonb_build_object(
			'kind', 'missing-internal',
			'message', 'Our record was deleted.',
			'hint', 'Restore it, or unlink the two.'
		), OLD.id, TG_ARGV[0];
		GET DIAGNOSTICS orphans = ROW_COUNT;
		IF orphans > 0 THEN
			INSERT INTO sync_deleted_record (entity, record_id, "row") VALUES (TG_ARGV[0], OLD.id, to_jsonb(OLD))
			ON CONFLICT (entity, record_id) DO UPDATE SET "row" = excluded."row", deleted_at = now();
		END IF;
		RETURN OLD;
	END IF;
	IF TG_OP = 'INSERT' OR NEW.rev <> OLD.rev THEN
		INSERT INTO sync_outbox (entity, record_id, rev, operation) VALUES (TG_ARGV[0], NEW.id, NEW.rev, 'upsert');
	END IF;
	RETURN NEW;
END $$;
