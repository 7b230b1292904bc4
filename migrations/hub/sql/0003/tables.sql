-- Leases of places. A pool's capacity comes from the catalogue's entries; what is granted is kept here.
-- free = capacity − leased − outside; what nobody has bought yet = capacity − outside − used.

CREATE TABLE hub.pool (
    pool bigint PRIMARY KEY,
    event bigint NOT NULL,
    capacity bigint,                               -- NULL: no limit, or its making has not come yet
    last_slot bigint NOT NULL DEFAULT 0,
    leased bigint NOT NULL DEFAULT 0,              -- in leases and not given back, used or not
    used bigint NOT NULL DEFAULT 0,                -- sold from leases, within them
    outside bigint NOT NULL DEFAULT 0              -- sold, and in no lease: before joining, after a return, twice
);

-- Each entry that says something of a pool; the capacity is the fold of them by their stamps.
CREATE TABLE hub.pool_patch (
    pool bigint NOT NULL,
    entry_id uuid NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    made boolean NOT NULL,
    event bigint NOT NULL,
    says boolean NOT NULL,                         -- whether it says a capacity
    capacity bigint,
    PRIMARY KEY (pool, entry_id)
);

-- Cancelled or finished: nothing is leased for it any more.
CREATE TABLE hub.event_ended (
    event bigint PRIMARY KEY,
    kind text COLLATE "C" NOT NULL
);

CREATE TABLE hub.lease (
    lease text COLLATE "C" PRIMARY KEY,
    pool bigint NOT NULL,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    request text COLLATE "C" NOT NULL,             -- the one it was granted or last renewed by
    first_slot bigint,
    last_slot bigint,
    slots bigint[],                                -- seats; then there is no first and last
    size bigint NOT NULL CHECK (size > 0),
    used bigint NOT NULL DEFAULT 0,
    back bigint NOT NULL DEFAULT 0,
    ttl_ms bigint NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX lease_holder ON hub.lease (station, epoch, pool);
CREATE INDEX lease_pool ON hub.lease (pool);

-- Places that a lease has no more: returned by the holder's entry, or reclaimed by an operator.
CREATE TABLE hub.lease_back (
    lease text COLLATE "C" NOT NULL,
    first_slot bigint NOT NULL,
    last_slot bigint NOT NULL,
    entry_id uuid,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lease, first_slot, last_slot)
);

-- Requests that were answered: the same one asked again is granted nothing more.
CREATE TABLE hub.lease_request (
    station text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (station, request)
);
CREATE INDEX lease_request_asked ON hub.lease_request (asked_at);

-- What an operator took upon himself.
CREATE TABLE hub.lease_reclaim (
    reclaim uuid PRIMARY KEY,
    station text COLLATE "C" NOT NULL,
    pool bigint NOT NULL,
    freed bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

ALTER TABLE hub.pool ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.pool_patch ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.event_ended ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.lease ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.lease_back ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.lease_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.lease_reclaim ENABLE ROW LEVEL SECURITY;
