"""Ticket codes made with this station's key, from the facts of the ticket alone.

Ed25519 is deterministic, so the same facts always give the same text: codes need not be stored, and printing
again after a kill makes the very same ticket.
"""

from app.services.views import TicketView
from domain.ticket_code import SigningKey, TicketCode, encode, key_id


class StationSigner:
    """Implements app.services.ports.CodeSigner."""

    def __init__(self, key: SigningKey, *, practice: bool) -> None:
        self._key = key
        self._practice = practice
        self._key_id = key_id(key.public)

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which codes name this station's key."""
        return self._key_id

    def code_for(self, ticket: TicketView) -> str | None:
        """The text for the QR; None when another station signed the ticket's current print."""
        if ticket.key_id != self._key_id.hex():
            return None
        code = TicketCode(
            key_id=self._key_id,
            serial=ticket.serial,
            product=ticket.product.number,
            performance=ticket.performance.number if ticket.performance else 0,
            zones=ticket.zones,
            valid_from_at=ticket.valid_from_at,
            valid_until_at=ticket.valid_until_at,
            print_number=ticket.print_number,
            practice=self._practice,
            is_pass=ticket.product.is_pass,
        )
        return encode(code, self._key)
