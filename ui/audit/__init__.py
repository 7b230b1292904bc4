"""The audit trail: who did what, and what deserves a look."""
