"""A supervisor's word on the command line: login and PIN come from the environment or a prompt, never as
arguments, which everybody at the machine can see."""

import getpass
import sys
from collections.abc import Callable
from typing import TypeVar

import structlog

from app.bootstrap import Station
from app.cli.console import Console
from app.services.access import Need
from domain.actor import Actor
from domain.errors import Fault, Refusal
from domain.permissions import Limit

T = TypeVar("T")
TRIES = 2
"""How often the hub is asked for a right before its word is passed on."""


def with_right(station: Station, act: Callable[[], T]) -> T:
    """Do it; where the right is with the hub, exchange with the hub and try again."""
    for _ in range(TRIES):
        try:
            return act()
        except Refusal as refusal:
            if refusal.code not in ("RIGHT_NEEDED", "VALUE_NEEDED") or station.exchange is None:
                raise
        _exchange(station)
    return act()


def with_hub(station: Station, act: Callable[[], T]) -> T:
    """Do it; where it takes the hub's company and the hub was not heard for a while, meet it first."""
    try:
        return act()
    except Refusal as refusal:
        if refusal.code != "ROLES_NEED_HUB" or station.exchange is None:
            raise
        _exchange(station)
    return act()


def _exchange(station: Station) -> None:
    try:
        if station.exchange is not None:
            station.exchange.run_once()
    except Fault as fault:  # another process of this station exchanges: it carries the request
        structlog.get_logger().info("no_exchange", code=fault.code)


def with_approval(station: Station, console: Console, actor: Actor, act: Callable[[str | None], T]) -> T:
    """Do it, as `with_right`; where it is over the actor's limit, with the approval of `GATEHOUSE_APPROVER`
    (PIN in `GATEHOUSE_APPROVER_PIN`), or of whoever answers the prompt."""
    try:
        return with_right(station, lambda: act(None))
    except Refusal as refusal:
        if refusal.code != "APPROVAL_NEEDED":
            raise
        login, pin = _approver(station, console)
        if not login:
            raise
        asked = refusal.params
        need = Need(
            str(asked["act"]), str(asked["subject"]), Limit(str(asked["bound"])), int(str(asked["asked"]))
        )
    token = station.services.approve(login, pin, need, actor).token
    return with_right(station, lambda: act(token))


def _approver(station: Station, console: Console) -> tuple[str, str]:
    login, pin = station.settings.text("approver"), station.settings.text("approver_pin")
    if sys.stdin.isatty() and not console.as_json:
        login = login or input("Approved by: ").strip()
        pin = pin or (getpass.getpass("PIN: ") if login else "")
    return login, pin
