-- The first snapshot: what lies in a feed below a position noted before never changes, so key ranges of feeds, read
-- one after the other and again after a break, are one consistent state without a long transaction at the hub.

-- Where every feed in the caller's scope ends now, all in one look: an entry of several feeds is below the ends of
-- all of them or of none. p_incarnation: the history that the caller began with.
CREATE FUNCTION api_1.snapshot_begin(p_incarnation text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL THEN
        RETURN hub.barred(me);
    ELSIF p_incarnation IS DISTINCT FROM hub.incarnation() THEN
        RETURN jsonb_build_object('code', 'INCARNATION', 'incarnation', hub.incarnation());
    END IF;
    RETURN jsonb_build_object('incarnation', hub.incarnation(), 'hub_ms', hub.ms(clock_timestamp()), 'heads', (
        SELECT coalesce(jsonb_object_agg(f.feed, jsonb_build_object('position', f.position, 'hash', encode(f.hash, 'hex'))), '{}')
        FROM hub.feed_head f WHERE hub.in_scope(me, f.feed)));
END
$$;

-- The entries of one feed after p_after up to p_until (at most 10,000), in feed order. An entry that is also in one of
-- p_seen, which the caller has read already, comes without its text. Nothing for who is not served or out of scope.
CREATE FUNCTION api_1.snapshot_entries(p_feed text, p_after bigint, p_until bigint, p_seen text[])
RETURNS TABLE ("position" bigint, station text, epoch integer, seq bigint, content text, prev_hash bytea, hash bytea,
               sig bytea, feed_hash bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me hub.station := hub.me();
BEGIN
    IF hub.barred(me) IS NOT NULL OR NOT hub.in_scope(me, p_feed COLLATE "C") THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT l.position, r.station, r.epoch, r.seq, CASE WHEN cardinality(p_seen) > 0 AND EXISTS (
                   SELECT FROM json_array_elements_text(r.content::json -> 'feeds') AS f(feed)
                   WHERE f.feed = ANY (p_seen)) THEN NULL ELSE r.content END,
               r.prev_hash, r.hash, r.sig, l.hash
        FROM hub.feed_log l JOIN hub.log_raw r ON r.station = l.station AND r.epoch = l.epoch AND r.seq = l.seq
        WHERE l.feed = p_feed COLLATE "C" AND l.position > p_after AND l.position <= least(p_until, p_after + 10000)
        ORDER BY l.position;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api_1.snapshot_begin(text), api_1.snapshot_entries(text, bigint, bigint, text[]) TO gatehouse_station;
