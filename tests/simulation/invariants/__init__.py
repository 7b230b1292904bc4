"""The invariants of the design, checked on what lies in the stores and at the hub. Nothing here uses the
program."""
