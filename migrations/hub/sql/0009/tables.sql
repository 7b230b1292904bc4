-- What a restored hub needs to know its own forgotten acts again.

-- The key of the hub's own seal (HMAC-SHA-256), as its two padded halves. It goes with every backup.
CREATE TABLE hub.seal (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    inner_key bytea NOT NULL CHECK (octet_length(inner_key) = 64),
    outer_key bytea NOT NULL CHECK (octet_length(outer_key) = 64)
);

-- Returns and reclaims of leases that are not known here (yet): done when the grant comes.
CREATE TABLE hub.lease_early_back (
    lease text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    station text COLLATE "C" NOT NULL,             -- whose entry it is; the hub's own may take from anybody
    ranges jsonb NOT NULL,
    PRIMARY KEY (lease, entry_id)
);

ALTER TABLE hub.recovery ADD COLUMN risk bigint;   -- stated when it was written off

ALTER TABLE hub.seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.lease_early_back ENABLE ROW LEVEL SECURITY;

INSERT INTO hub.known_kind (kind, v) SELECT kind, 1 FROM unnest(ARRAY[
    'fork_noted', 'lease_granted', 'lease_reclaimed', 'recovery_written_off']) AS kind
    ON CONFLICT DO NOTHING;

DO $$
DECLARE
    v_key CONSTANT bytea := sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
                            || decode(repeat('00', 32), 'hex');
    v_inner bytea := v_key;
    v_outer bytea := v_key;
BEGIN
    FOR i IN 0 .. 63 LOOP
        v_inner := set_byte(v_inner, i, get_byte(v_key, i) # 54);
        v_outer := set_byte(v_outer, i, get_byte(v_key, i) # 92);
    END LOOP;
    INSERT INTO hub.seal (inner_key, outer_key) VALUES (v_inner, v_outer);
END
$$;
