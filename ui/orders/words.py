"""Short texts of the orders screen: states of orders and tickets, and what happened to them."""

from PySide6.QtCore import QCoreApplication

from ui.widgets.labels import MeaningName

Look = tuple[str, MeaningName, str]
"""Word, meaning, icon."""


def order_look(state: str) -> Look:
    """The state of an order."""
    translate = QCoreApplication.translate
    looks: dict[str, Look] = {
        "open": (translate("OrderWords", "Open"), "info", "circle"),
        "reserved": (translate("OrderWords", "Reserved"), "info", "clock"),
        "paid": (translate("OrderWords", "Paid"), "admit", "check"),
        "partly_refunded": (translate("OrderWords", "Partly refunded"), "attention", "undo-2"),
        "refunded": (translate("OrderWords", "Refunded"), "neutral", "undo-2"),
        "void": (translate("OrderWords", "Void"), "neutral", "ban"),
        "released": (translate("OrderWords", "Released"), "neutral", "ban"),
    }
    return looks.get(state, (state, "neutral", "circle"))


def ticket_look(state: str) -> Look:
    """The state of a ticket."""
    translate = QCoreApplication.translate
    looks: dict[str, Look] = {
        "active": (translate("OrderWords", "Valid"), "admit", "ticket-check"),
        "used": (translate("OrderWords", "Used"), "neutral", "check"),
        "cancelled": (translate("OrderWords", "Cancelled"), "refuse", "ban"),
    }
    return looks.get(state, (state, "neutral", "ticket"))


def sync_look(*, synced: bool) -> Look:
    """Whether the hub has the order."""
    if synced:
        return QCoreApplication.translate("OrderWords", "At the hub"), "neutral", "cloud-check"
    return QCoreApplication.translate("OrderWords", "Waiting for the hub"), "attention", "cloud-upload"


def print_refusal_text(refusal: str, station: str) -> str:
    """Why the tickets cannot be printed here."""
    translate = QCoreApplication.translate
    return {
        "NO_LIVE_TICKET": translate("OrderWords", "All tickets are cancelled; there is nothing to print."),
        "CODE_ELSEWHERE": translate("OrderWords", "Sold at {station}; print it there."),
        "NOT_ALLOWED": translate("OrderWords", "Your roles do not include printing."),
    }[refusal].format(station=station)
