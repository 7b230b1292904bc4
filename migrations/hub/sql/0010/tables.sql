-- A station that began alone joins with its history.

-- One row per station that was invited with a journal: what the administrator was shown, and where the journal
-- ended when it joined. Its events are granted to nobody before the journal is in.
CREATE TABLE hub.joining (
    station text COLLATE "C" PRIMARY KEY,
    epoch integer NOT NULL,                       -- the one that it goes on in
    seq bigint,                                   -- where that epoch ended; NULL until it has joined
    events bigint[] NOT NULL DEFAULT '{}',
    invited_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at timestamptz
);

-- Its former epochs, each under the key it was written with, certified by the root when it was invited.
CREATE TABLE hub.joining_epoch (
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    seq bigint NOT NULL,                          -- its last
    chain jsonb NOT NULL,
    PRIMARY KEY (station, epoch)
);

ALTER TABLE hub.joining ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.joining_epoch ENABLE ROW LEVEL SECURITY;
