"""Builds what tells whether a station may sell and is ready for doors."""

from dataclasses import dataclass

from app.health_source import StationHealth
from app.services.facade import GateDevices, SyncControl
from app.services.health import CheckReadiness
from app.services.keys import ListKeys
from app.services.lease_view import ShowLeases
from app.services.may_sell import ConfirmDate, MaySell
from app.services.ports import Nudge
from app.settings import Settings
from app.store.store import StationStore
from domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Selling:
    """Whether this station may sell at all, and what somebody at the counter can say to it."""

    may_sell: MaySell
    confirm_date: ConfirmDate


def build_selling(store: StationStore, clock: Clock, nudge: Nudge) -> Selling:
    """Put it together around an open store."""
    return Selling(
        MaySell(store, store.keys.own_certificates, clock, store.hub_offset_ms),
        ConfirmDate(store, clock, store.hub_offset_ms, nudge),
    )


def build_readiness(
    store: StationStore, settings: Settings, clock: Clock, sync: SyncControl, devices: GateDevices
) -> CheckReadiness:
    """Put it together around an open store."""
    return CheckReadiness(
        store,
        StationHealth(store, settings, sync, devices),
        ListKeys(store, store.identity.station, clock),
        ShowLeases(store, clock),
        clock,
    )
