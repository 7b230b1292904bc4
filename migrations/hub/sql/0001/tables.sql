-- Tables of the hub, first version. All belong to gatehouse_owner; no station has a right on any of them.
-- Hashes are 32 bytes, signatures 64 (empty for the hub's own entries). Times are what the hub's clock said.

CREATE TABLE hub.hub (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    id uuid NOT NULL,
    organization text NOT NULL,
    name text NOT NULL,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    mode text NOT NULL DEFAULT 'normal',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One row per feed, locked by everything that writes to that feed and held to commit: commit order is feed order.
CREATE TABLE hub.feed_head (
    feed text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);

CREATE TABLE hub.station (
    station text COLLATE "C" PRIMARY KEY CHECK (station ~ '^[0-9a-f]{8}$'),
    role text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    scope text[] COLLATE "C",                      -- NULL = every feed
    enrolled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz,
    revoked_at timestamptz,
    trusted_seq bigint,
    program text,
    lease_version bigint NOT NULL DEFAULT 0,
    right_version bigint NOT NULL DEFAULT 0
);

CREATE TABLE hub.invitation (
    station text COLLATE "C" PRIMARY KEY,
    role text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    scope text[] COLLATE "C",
    epoch integer NOT NULL,
    certificate text NOT NULL,
    certificate_sig bytea NOT NULL,
    key bytea NOT NULL UNIQUE CHECK (octet_length(key) = 32),
    invited_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE hub.certificate (
    id text COLLATE "C" PRIMARY KEY,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    key bytea NOT NULL UNIQUE CHECK (octet_length(key) = 32),
    chain jsonb NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (station, epoch)
);

-- Where each station's journal ends here; locked first by whoever appends to it.
CREATE TABLE hub.station_tip (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    genesis bytea NOT NULL CHECK (octet_length(genesis) = 32),
    hlc_ms bigint NOT NULL DEFAULT 0,              -- of the hub's own journal: never goes back
    PRIMARY KEY (station, epoch)
);

-- Every identity ever seen: the second of the two keys of exactly-once.
CREATE TABLE hub.entry_key (
    entry_id uuid PRIMARY KEY,
    content_hash bytea NOT NULL,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL
);

-- The chain of every station, gap-free, aliases and quarantined links included. Not partitioned by feed.
CREATE TABLE hub.station_log (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    content_hash bytea NOT NULL,
    entry_id uuid,
    state text COLLATE "C" NOT NULL CHECK (state IN ('ok', 'alias', 'duplicate', 'quarantined')),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (station, epoch, seq)
);

-- The text of every entry, once. An alias has its text under the entry that it repeats (entry_key).
CREATE TABLE hub.log_raw (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    sig bytea NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (station, epoch, seq)
);

CREATE TABLE hub.feed_log (
    feed text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,                          -- running: SHA-256(hash before ‖ entry hash)
    PRIMARY KEY (feed, position)
);

-- Which entries speak of a ticket: what a claim at a gate compares. Written with the raw entry.
CREATE TABLE hub.ticket_seen (
    feed text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    PRIMARY KEY (feed, serial, entry_id)
);

-- Which order uses a leased place. A second user is a fact too: it is kept in slot_clash.
CREATE TABLE hub.lease_slot (
    lease text COLLATE "C" NOT NULL,
    slot bigint NOT NULL,
    pool bigint,
    holder text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    PRIMARY KEY (lease, slot)
);

CREATE TABLE hub.slot_clash (
    lease text COLLATE "C" NOT NULL,
    slot bigint NOT NULL,
    holder text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lease, slot, holder)
);

-- Kinds and versions that this hub can read; anything else is kept, passed on, and listed in held.
CREATE TABLE hub.known_kind (
    kind text COLLATE "C" NOT NULL,
    v integer NOT NULL,
    PRIMARY KEY (kind, v)
);

CREATE TABLE hub.held (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    v bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (station, epoch, seq)
);

-- Links that are in the chain and not fit to be shown to anybody: a person looks at them.
CREATE TABLE hub.quarantine (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    code text COLLATE "C" NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    sig bytea NOT NULL,
    content text,                                 -- NULL when longer than a mebibyte; the length tells
    length bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (station, epoch, seq)
);

CREATE TABLE hub.duplicate_id (
    entry_id uuid NOT NULL,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (entry_id, station, epoch, seq)
);

-- What a station brought that does not continue the journal known here: kept for the administrator's tool.
CREATE TABLE hub.fork_inbox (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    sig bytea NOT NULL,
    content text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (station, epoch, seq, hash)
);

-- The second fence: a right granted by mistake still shows no row to anybody but the owner.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'hub' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY', name);
    END LOOP;
END
$$;

INSERT INTO hub.known_kind (kind, v) SELECT kind, 1 FROM unnest(ARRAY[
    'admission_undone', 'admitted', 'app_started', 'cash_drop', 'cash_in', 'cash_out', 'category_changed',
    'category_created', 'certificate_issued', 'claim_dropped', 'clock_stepped', 'codes_imported',
    'conflict_resolved', 'consigned', 'consignment_returned', 'document_erased', 'drawer_opened',
    'event_cancelled', 'event_changed', 'event_created', 'event_finished', 'event_published', 'exchanged',
    'exited', 'fiscalised', 'gate_changed', 'gate_created', 'gate_opened', 'handed_out', 'hold_placed',
    'hold_released', 'lease_returned', 'line_removed', 'notification_read', 'order_parked', 'order_recalled',
    'order_reserved', 'order_sold', 'order_voided', 'overridden', 'passage_timed_out', 'passed',
    'payment_failed', 'payment_resolved', 'payment_started', 'payment_taken', 'payment_unknown',
    'performance_changed', 'performance_created', 'preferences_set', 'product_changed', 'product_created',
    'quota_changed', 'quota_created', 'refund_failed', 'refund_paid', 'refund_started', 'refused',
    'reservation_released', 'right_released', 'role_changed', 'role_created', 'settings_changed',
    'shift_closed', 'shift_counted', 'shift_opened', 'station_revoked', 'tailgated', 'ticket_printed',
    'ticket_reprinted', 'user_changed', 'user_created', 'user_disabled', 'value_issued', 'value_returned',
    'value_spent'
]) AS kind;
