"""The local store against real encrypted files."""
