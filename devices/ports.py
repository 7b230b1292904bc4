"""Opening serial ports, and what can go wrong with one."""

import errno
from collections.abc import Callable
from typing import Protocol


class SerialPort(Protocol):
    """The part of pyserial's port that the drivers use."""

    @property
    def in_waiting(self) -> int:
        """Bytes that can be read at once; raises OSError when the port is gone."""
        ...

    def read(self, size: int = 1) -> bytes:
        """Up to `size` bytes, or fewer after the port's time-out; raises OSError when the port is gone."""
        ...

    def write(self, data: bytes, /) -> int | None:
        """Send bytes; raises OSError when the port is gone."""
        ...

    def flush(self) -> None:
        """Wait until everything is sent."""
        ...

    def close(self) -> None:
        """Let go of the port."""
        ...


OpenPort = Callable[[], SerialPort]
"""Opens the port; raises OSError (pyserial's SerialException is one)."""


def serial_port(address: str, baud: int = 9600, read_timeout_s: float = 0.02) -> OpenPort:
    """The way to open a port by name (`COM3`, `/dev/ttyUSB0`) or pyserial URL (`loop://`, `socket://…`)."""

    def opened() -> SerialPort:
        import serial

        try:
            port: SerialPort = serial.serial_for_url(
                address, baudrate=baud, timeout=read_timeout_s, write_timeout=2.0
            )
        except ValueError as error:  # a speed or an address that this system does not know
            raise OSError(errno.EINVAL, "no such port") from error
        return port

    return opened


def port_errors() -> tuple[type[Exception], ...]:
    """What a vanishing port raises: OSError, and on POSIX termios.error (no OSError) from flush and setup."""
    try:
        import termios
    except ImportError:  # Windows has none
        return (OSError,)
    return (OSError, termios.error)
