"""The local store: an encrypted SQLite file with the journal and everything that is projected from it."""
