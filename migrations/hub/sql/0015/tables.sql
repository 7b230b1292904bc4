-- One content for an id: which of several the tables tell, and whether they still tell another.

CREATE TABLE hub.twin (
    entry_id uuid PRIMARY KEY,
    content_hash bytea NOT NULL,
    pending boolean NOT NULL
);
ALTER TABLE hub.twin ENABLE ROW LEVEL SECURITY;
