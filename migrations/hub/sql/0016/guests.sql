-- Names of guests: a station that is only a gate gets them for events that say so, and for no other.

ALTER TABLE hub.document_kind ADD COLUMN by_event text COLLATE "C";  -- a field of the event that lets its gates read
INSERT INTO hub.document_kind (kind, feeds, readers, writers, marked, by_event)
    VALUES ('guest', '{event}', '{cash,desk}', '{cash,desk}', false, 'names_at_gate'),
           ('person_note', '{org}', '{cash,desk}', '{cash,desk}', false, NULL);
INSERT INTO hub.known_kind (kind, v) SELECT k, 1 FROM unnest(ARRAY['guest_named', 'drawer_opened', 'practice_opened']) AS k
    ON CONFLICT DO NOTHING;

-- Whether an event says so, by a field of it.
CREATE FUNCTION hub.event_says(p_feed text, p_field text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM hub.catalogue_object o WHERE o.object = 'event'
                   AND o.name = split_part(p_feed, ':', 2) COLLATE "C" AND o.fields -> p_field = 'true'::jsonb)
$$;

CREATE OR REPLACE FUNCTION hub.may_read(p_who hub.station, p_kind text, p_feed text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT hub.in_scope(p_who, p_feed) AND hub.document_fits(p_kind, p_feed) AND (
        p_kind = ANY (p_who.kinds)
        OR (SELECT NOT k.marked AND (hub.document_follows(k.readers, p_feed, p_who.scope)
                                     OR (k.by_event IS NOT NULL AND hub.event_says(p_feed, k.by_event)))
            FROM hub.document_kind k WHERE k.kind = p_kind COLLATE "C"))
$$;

-- What a station's cursors of documents belong to: this hub, what the station may read here, and what the events it
-- stands at say; when one of these changes, everything is compared anew, and what it may no longer keep goes.
CREATE OR REPLACE FUNCTION hub.document_stamp(p_me hub.station) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT hub.incarnation() || '/' || substr(encode(sha256(convert_to(
        coalesce(p_me.scope::text, '*') || ' ' || p_me.kinds::text || coalesce((
            SELECT ' ' || string_agg(f, ' ' ORDER BY f) FROM unnest(p_me.scope) f
            WHERE NOT p_me.scope && ARRAY['cash', 'desk'] AND f LIKE 'event:%' AND hub.event_says(f, 'names_at_gate')
        ), ''), 'UTF8')), 'hex'), 1, 16)
$$;

REVOKE ALL ON FUNCTION hub.event_says(text, text) FROM PUBLIC;
