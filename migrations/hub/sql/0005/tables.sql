-- Documents beside the feeds: what can be erased. One row of each, the version that counts.

CREATE TABLE hub.document_head (
    feed text COLLATE "C" PRIMARY KEY CHECK (feed ~ '^(org|cash|desk|event:[1-9][0-9]{0,9})$'),
    position bigint NOT NULL DEFAULT 0
);

CREATE TABLE hub.document (
    document uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    feed text COLLATE "C" NOT NULL,
    position bigint NOT NULL,                      -- of its last change; commit order, by the lock on the head
    version text COLLATE "C" NOT NULL,
    hash bytea,                                    -- SHA-256(nonce ‖ content)
    nonce bytea,
    content bytea,
    size integer NOT NULL,
    tombstone boolean NOT NULL DEFAULT false,
    brought_by text COLLATE "C" NOT NULL,
    brought_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (CASE WHEN tombstone THEN num_nonnulls(hash, nonce, content) = 0
                ELSE num_nonnulls(hash, nonce, content) = 3 AND octet_length(content) = size END)
);
CREATE UNIQUE INDEX document_place ON hub.document (feed, position);
ALTER TABLE hub.document ALTER COLUMN content SET STORAGE EXTERNAL;  -- read by pieces

-- Which versions entries name, and whose entries they are: projected.
CREATE TABLE hub.document_name (
    document uuid NOT NULL,
    hash bytea NOT NULL,
    entry_id uuid NOT NULL,
    station text COLLATE "C" NOT NULL,
    PRIMARY KEY (document, hash, entry_id)
);

-- Large contents on their way; one of a station at a time.
CREATE TABLE hub.document_part (
    station text COLLATE "C" NOT NULL,
    document uuid NOT NULL,
    hash bytea NOT NULL,
    start integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (station, document, hash, start)
);

-- Kinds: the classes of feeds they may lie in, and what a station must follow to read or write them. `event`:
-- the feed of an event. Nothing: no more is asked. `marked`: only stations that the administrator named read it.
CREATE TABLE hub.document_kind (
    kind text COLLATE "C" PRIMARY KEY,
    feeds text[] COLLATE "C" NOT NULL,
    readers text[] COLLATE "C" NOT NULL,
    writers text[] COLLATE "C" NOT NULL,
    marked boolean NOT NULL DEFAULT false
);
INSERT INTO hub.document_kind (kind, feeds, readers, writers, marked) VALUES
    ('person', '{org}', '{}', '{cash,desk}', false),
    ('password_verifier', '{event,org}', '{cash,desk,event}', '{cash,desk,event}', false),
    ('support_text', '{desk}', '{}', '{}', false),
    ('attachment', '{desk,event,org}', '{}', '{}', false),
    ('picture', '{event,org}', '{}', '{cash,desk,event}', false),
    ('ticket_codes', '{desk,event}', '{cash,desk}', '{cash,desk}', false),
    ('customer', '{desk}', '{}', '{cash,desk}', false),
    ('secret', '{org}', '{}', '{cash,desk}', true);

-- Kinds that a station was named for, beyond what its feeds give it.
ALTER TABLE hub.station ADD COLUMN kinds text[] COLLATE "C" NOT NULL DEFAULT '{}';

INSERT INTO hub.known_kind (kind, v) VALUES ('document_written', 1) ON CONFLICT DO NOTHING;

ALTER TABLE hub.document_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.document_name ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.document_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.document_kind ENABLE ROW LEVEL SECURITY;
