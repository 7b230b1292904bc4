-- Order rights and values: what is scarce and cannot be counted in places has one holder too.

-- Who alone may change an order. `station` 00000000: the hub, which grants it with the next number.
CREATE TABLE hub.order_right (
    order_id uuid PRIMARY KEY,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    number bigint NOT NULL DEFAULT 0,
    act text COLLATE "C",
    request text COLLATE "C",
    tickets jsonb NOT NULL DEFAULT '[]',           -- [[home feed, serial], …]
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX order_right_station ON hub.order_right (station, epoch) WHERE station <> '00000000';

-- Tickets for which a refund, exchange, void or reprint was granted: a gate that asks is told to wait.
CREATE TABLE hub.gate_mark (
    feed text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    act text COLLATE "C" NOT NULL,
    station text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (feed, serial, order_id)
);
CREATE INDEX gate_mark_order ON hub.gate_mark (order_id);

-- Requests that were answered: the same one asked again gets the same answer.
CREATE TABLE hub.right_request (
    station text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    answer jsonb NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (station, request)
);

-- Places that their order gave back; whoever heard of the sale later frees it at once.
CREATE TABLE hub.slot_freed (
    lease text COLLATE "C" NOT NULL,
    slot bigint NOT NULL,
    holder text COLLATE "C" NOT NULL,
    pool bigint,
    entry_id uuid NOT NULL,
    PRIMARY KEY (lease, slot, holder)
);
CREATE INDEX slot_freed_holder ON hub.slot_freed (holder);

-- A gift card or voucher by the hash of its code. left = issued − spent − reserved.
CREATE TABLE hub.value_account (
    value text COLLATE "C" PRIMARY KEY,
    currency text COLLATE "C" NOT NULL,
    issued bigint NOT NULL DEFAULT 0,
    spent bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    expires_at timestamptz
);

-- An amount that a station may take from a value.
CREATE TABLE hub.value_grant (
    request text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'held', -- held · spent · released · written_off
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (request, value)
);
CREATE INDEX value_grant_station ON hub.value_grant (station, epoch) WHERE state = 'held';

ALTER TABLE hub.order_right ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.gate_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.right_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.slot_freed ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.value_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.value_grant ENABLE ROW LEVEL SECURITY;

INSERT INTO hub.known_kind (kind, v) SELECT kind, 1 FROM unnest(ARRAY[
    'right_granted', 'right_written_off', 'value_granted', 'value_written_off',
    'role_answered', 'role_asked', 'session_ended', 'session_started', 'user_code_issued', 'user_code_used',
    'user_locked_out', 'user_password_set', 'user_pin_set', 'user_renamed']) AS kind ON CONFLICT DO NOTHING;
