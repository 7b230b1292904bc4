-- Claims at gates. A gate row is what claims and pushes about one ticket queue up behind; it is made by whoever
-- comes first, so a ticket that the hub has not heard of is guarded too.

CREATE TABLE hub.gate_row (
    feed text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    PRIMARY KEY (feed, serial)
);
INSERT INTO hub.gate_row (feed, serial) SELECT DISTINCT s.feed, s.serial FROM hub.ticket_seen s;

-- Granted and not ended; `entry_id` is the admission that the gate is about to write.
CREATE TABLE hub.gate_claim (
    entry_id uuid PRIMARY KEY,
    feed text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,
    station text COLLATE "C" NOT NULL,
    gate text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX gate_claim_ticket ON hub.gate_claim (feed, serial);
CREATE INDEX gate_claim_station ON hub.gate_claim (station, claimed_at);

-- Given up by `claim_dropped`. Kept, because the claim itself may still be under way on a slow connection.
CREATE TABLE hub.claim_ended (
    entry_id uuid PRIMARY KEY,
    station text COLLATE "C" NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE hub.gate_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.gate_claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.claim_ended ENABLE ROW LEVEL SECURITY;
