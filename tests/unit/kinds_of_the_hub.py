"""Example bodies of the kinds about the hub's own acts."""

from typing import Any

SPANS = [[1, 3], [7, 7]]

BODIES: dict[str, dict[str, Any]] = {
    "lease_granted": {
        "event": 100, "station": "00000001", "epoch": 1, "request": "r1",
        "leases": [{"lease": "h:1", "pool": 200, "ranges": SPANS, "seats": False, "ttl_ms": 72_000_000}],
        "renewed": [{"lease": "h:0", "pool": 200, "ttl_ms": 72_000_000}], "mac": "ab" * 32,
    },
    "lease_reclaimed": {
        "event": 100, "station": "00000001", "pool": 200, "way": "risk", "stated": 5,
        "leases": [{"lease": "h:1", "ranges": SPANS}], "mac": "ab" * 32,
    },
    "fork_noted": {"station": "00000001", "epoch": 1, "seq": 7},
    "recovery_written_off": {"station": "00000001", "risk": 5},
}  # fmt: skip
