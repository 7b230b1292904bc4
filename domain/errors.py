"""The two ways in which something can be wrong without being a bug: a rule said no, or the world did.

Both carry a stable `code` and plain parameters. Words for people are found by code in the interface,
in the language of the person; nothing anywhere decides by the text of an error.
"""

from collections.abc import Mapping
from typing import ClassVar

Param = str | int | bool | None


class GatehouseError(Exception):
    """Base of both: a code, and parameters for the sentence that explains it."""

    kind: ClassVar[str] = "error"

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Param] = params

    def __str__(self) -> str:
        """Code and parameters, for logs only; people read ui.messages."""
        shown = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        return f"{self.code}({shown})"


class Refusal(GatehouseError):
    """A rule said no: nothing was changed, and the person can do something about it."""

    kind = "refusal"


class Fault(GatehouseError):
    """The world said no: a disk, a printer, the hub. Trying again later may help."""

    kind = "fault"


class DeviceFault(Fault):
    """A device did not do what it was told; carries the device's name as parameter `device`."""
