"""Kinds of entries about what the hub itself does: their shapes.

A grant and a reclaim carry the hub's seal (`mac`), by which a restored hub knows them for its own; stations
cannot check it and do not.
"""

from collections.abc import Mapping

from domain.shapes import FLAG, HEX, NATURAL, NUMBER, TEXT, Field, Shape, each, list_of, span

_SPANS = Field(list_of(span))

SHAPES: Mapping[tuple[str, int], Shape] = {
    ("lease_granted", 1): {
        "event": NUMBER,
        "station": TEXT,
        "epoch": NATURAL,
        "request": TEXT,
        "leases": each({"lease": TEXT, "pool": NUMBER, "ranges": _SPANS, "seats": FLAG, "ttl_ms": NATURAL}),
        "renewed": each({"lease": TEXT, "pool": NUMBER, "ttl_ms": NATURAL}),
        "mac": HEX,
    },
    ("lease_reclaimed", 1): {
        "event": NUMBER,
        "station": TEXT,
        "pool": NUMBER,
        "way": TEXT,
        "stated": NATURAL,
        "leases": each({"lease": TEXT, "ranges": _SPANS}),
        "mac": HEX,
    },
    ("fork_noted", 1): {"station": TEXT, "epoch": NATURAL, "seq": NATURAL},
    ("recovery_written_off", 1): {"station": TEXT, "risk": NATURAL},
}
