"""A station put together: use cases, local store, printing, command line."""
