-- Trouble: revocations, what is brought for others, forks that both copies are told of, recovery after a restore.

ALTER TABLE hub.station ADD COLUMN forked_at timestamptz;    -- cleared by re-enrolment

-- Root-signed; `text` and `sig` are what every station checks.
CREATE TABLE hub.revocation (
    station text COLLATE "C" PRIMARY KEY,
    epoch integer NOT NULL,
    trusted_seq bigint NOT NULL,
    text text NOT NULL,
    sig text COLLATE "C" NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Entries of other stations (or of the hub's own forgotten acts): the administrator's tool checks signatures.
CREATE TABLE hub.inbox (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    hash bytea NOT NULL,
    prev_hash bytea NOT NULL,
    sig bytea NOT NULL,
    content text NOT NULL,
    brought_by text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text COLLATE "C" NOT NULL DEFAULT 'waiting',   -- waiting · released · refused
    code text COLLATE "C",                               -- why it was refused
    PRIMARY KEY (station, epoch, seq, hash)
);

-- One row per station that has to report after a restore.
CREATE TABLE hub.recovery (
    station text COLLATE "C" PRIMARY KEY,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reported_at timestamptz,
    written_off_at timestamptz
);

ALTER TABLE hub.revocation ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.recovery ENABLE ROW LEVEL SECURITY;
