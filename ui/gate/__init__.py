"""The gate: one huge verdict, what listens, the last scans, the numbers."""
