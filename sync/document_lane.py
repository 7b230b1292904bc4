"""When documents travel: while a lane rests, on that lane's connection, and never at the cost of entries.

Whatever goes wrong with documents is logged and tried again at the next rest; a connection that broke is
noticed by the lane itself.
"""

import logging
from collections.abc import Callable

from domain.errors import GatehouseError
from sync.documents import DocumentExchange, GoOn
from sync.hub_client import HubClient
from sync.hub_documents import HubDocuments
from sync.steps import Lane

log = logging.getLogger("gatehouse.documents")


class DocumentLane:
    """Documents on the lanes of one station."""

    def __init__(self, exchange: DocumentExchange) -> None:
        self._exchange = exchange

    def waiting(self) -> int:
        """How many documents the hub has not confirmed."""
        return self._exchange.waiting()

    def start_over(self) -> None:
        """The hub is not what it was."""
        self._exchange.start_over()

    def once(self, clients: Callable[[Lane], HubClient | None], now_ms: int) -> None:
        """Bring and take everything there is; the second time up is for a hub that was not what it was."""
        self._exchange.try_all()
        for lane in (Lane.UP, Lane.DOWN, Lane.UP):
            client = clients(lane)
            if client is not None and not client.lost:
                self.rest(lane, client, now_ms, lambda: True)

    def rest(self, lane: Lane, client: HubClient, now_ms: int, go_on: GoOn) -> bool:
        """Do what there is to do; False when `go_on` said that the lane is needed before the end."""
        try:
            if lane is Lane.DOWN:
                done, _ = self._exchange.fetch(HubDocuments(client), go_on)
                return done
            done, feeds = self._exchange.send(HubDocuments(client), now_ms, go_on)
            if feeds:
                client.wake(feeds)
            return done
        except GatehouseError as fault:
            log.info("documents_failed", extra={"lane": lane.value, "code": fault.code, **fault.params})
        except Exception:  # a document must never stop the entries behind it
            log.exception("documents_bug", extra={"lane": lane.value})
        return True
