"""The model's part in a first snapshot, as revision 0007 has it in SQL."""

import json
from collections.abc import Sequence
from typing import Any

from tests.simulation.hub_state import Feed, HubState

MOST = 10_000


class SnapshotHub:
    """Where the feeds end, and their entries by ranges."""

    state: HubState

    def snapshot_begin(self, role: str, incarnation: str) -> dict[str, Any]:
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        if incarnation != self.incarnation():
            return {"code": "INCARNATION", "incarnation": self.incarnation()}
        heads = {
            name: {"position": feed.position, "hash": feed.hash.hex()}
            for name, feed in self.state.feeds.items()
            if me.scope is None or name in me.scope
        }
        return {"incarnation": self.incarnation(), "hub_ms": self.now_ms(), "heads": heads}

    def control(self, role: str, feeds: Sequence[str]) -> dict[str, Any]:
        """Where every journal ends. What feeds add up to is left to SQL: the model keeps no tables."""
        me = self.me(role)
        if (barred := self.barred(me)) is not None or me is None:
            return barred or {}
        tips = [
            {"station": station, "epoch": epoch, "seq": tip.seq}
            for (station, epoch), tip in sorted(self.state.tips.items())
        ]
        return {"incarnation": self.incarnation(), "feeds": [], "tips": tips}

    def snapshot_entries(
        self, role: str, feed: str, after: int, until: int, seen: Sequence[str]
    ) -> list[tuple[Any, ...]]:
        me = self.me(role)
        if self.barred(me) is not None or me is None or (me.scope is not None and feed not in me.scope):
            return []
        rows = []
        log = self.state.feeds.get(feed, Feed()).log[after : min(until, after + MOST)]
        for position, (station, epoch, seq, running) in enumerate(log, after + 1):
            prev, digest, sig, content = self.state.log[station, epoch][seq].raw or (b"", b"", b"", "")
            known = bool(seen) and not set(seen).isdisjoint(json.loads(content)["feeds"])
            text = None if known else content
            rows.append((position, station, epoch, seq, text, prev, digest, sig, running))
        return rows
