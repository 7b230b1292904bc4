"""Use cases: one class, one call, one transaction. They declare the ports that they need."""
