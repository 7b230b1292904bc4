"""The conflict desk: what could not be prevented, both sides next to each other, one key to resolve."""
