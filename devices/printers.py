"""Printers: the system's own, receipt printers on the network (ESC/POS), and a folder as the simulator.

Nothing from outside reaches a printer as a command: control characters are dropped from every text, so that
a name cannot open the drawer. Whoever prints decides what a fault means; a fault never undoes a sale.
"""

import shutil
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devices import pdf_pages
from devices.protocols import FaultCode, fault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

PRINT_TIMEOUT_S = 30.0
NETWORK_TIMEOUT_S = 5.0
RAW_PORT = 9100
ROLL_DOTS = 576
"""Dots across an 80 mm roll at 203 dpi; 384 for 58 mm."""
PROFILE = "TM-T20II"
DRAWER_PIN = 2
INK_BELOW = 160
"""Grey levels darker than this are printed."""


def printable(text: str) -> str:
    """The text without control, format and private characters; every kind of space is a plain one."""
    if text.isascii() and text.isprintable():
        return text
    kinds = ((letter, unicodedata.category(letter)[0]) for letter in text)
    return "".join(" " if kind == "Z" else letter for letter, kind in kinds if kind != "C")


class SystemPrinter:
    """A printer that the operating system knows: CUPS through `lp`, Windows through its print verb.

    `printer` is the system's name for it, empty for the default one. `environment` replaces the environment
    of the commands (None: the program's own).
    """

    def __init__(
        self,
        printer: str = "",
        *,
        platform: str = sys.platform,
        environment: Mapping[str, str] | None = None,
        timeout_s: float = PRINT_TIMEOUT_S,
    ) -> None:
        self._printer = printer
        self._platform = platform
        self._environment = environment
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """The system's name of the printer, or `system printer`."""
        return self._printer or "system printer"

    def print_pdf(self, path: Path, copies: int = 1) -> None:
        """Queue a PDF. Raises DeviceFault PRINTING_UNAVAILABLE, PRINTER_UNKNOWN, PRINTER_REFUSED (status),
        PRINTER_GONE (no answer), PRINT_FILE_UNREADABLE (file)."""
        if not path.is_file():
            raise fault(FaultCode.PRINT_FILE_UNREADABLE, self.name, file=path.name)
        command = print_command(self._platform, self._printer, path.resolve(), copies)
        finished = run_system(command, self.name, self._environment, self._timeout_s)
        if finished.returncode == 0:
            return
        if self._printer and self._printer not in list_printers(self._platform, self._environment):
            raise fault(FaultCode.PRINTER_UNKNOWN, self.name, printer=self._printer)
        raise fault(FaultCode.PRINTER_REFUSED, self.name, status=finished.returncode)


def print_command(platform: str, printer: str, path: Path, copies: int) -> list[str]:
    """The command that prints an (absolute) file on this platform. Printer and path are never shell text."""
    if platform == "win32":
        verb = "PrintTo" if printer else "Print"
        arguments = ["-ArgumentList", _quoted(f'"{printer}"')] if printer else []
        script = ["Start-Process", "-FilePath", _quoted(str(path)), "-Verb", verb, *arguments]
        once = " ".join([*script, "-WindowStyle", "Hidden"])
        return ["powershell", "-NoProfile", "-NonInteractive", "-Command", "; ".join([once] * copies)]
    destination = ["-d", printer] if printer else []
    return ["lp", "-s", *destination, "-n", str(copies), "-t", "gatehouse", "--", str(path)]


def _quoted(text: str) -> str:
    """A PowerShell single-quoted string: nothing in it is expanded."""
    return "'" + text.replace("'", "''") + "'"


def list_printers(platform: str = sys.platform, environment: Mapping[str, str] | None = None) -> list[str]:
    """Names of the printers that the system knows. Raises DeviceFault PRINTING_UNAVAILABLE, PRINTER_GONE."""
    if platform == "win32":
        command = ["powershell", "-NoProfile", "-NonInteractive", "-Command", "(Get-Printer).Name"]
    else:
        command = ["lpstat", "-e"]
    finished = run_system(command, "system printer", environment, PRINT_TIMEOUT_S)
    # lpstat ends with an error when there are no printers at all
    return [line.strip() for line in finished.stdout.splitlines() if line.strip()]


def run_system(
    command: Sequence[str], device: str, environment: Mapping[str, str] | None, timeout_s: float
) -> "subprocess.CompletedProcess[str]":
    """Run a print command. Raises DeviceFault PRINTING_UNAVAILABLE (missing), PRINTER_GONE (no answer)."""
    found = shutil.which(command[0], path=environment.get("PATH") if environment else None)
    if found is None:
        raise fault(FaultCode.PRINTING_UNAVAILABLE, device, command=command[0])
    try:
        return subprocess.run(
            [found, *command[1:]],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            env=dict(environment) if environment else None,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise fault(FaultCode.PRINTER_GONE, device) from error
    except OSError as error:
        raise fault(FaultCode.PRINTING_UNAVAILABLE, device, command=command[0]) from error


class EscPosJob:
    """The bytes of one receipt, by python-escpos. `width` in dots; `profile` names the printer's kind."""

    def __init__(self, width: int = ROLL_DOTS, profile: str = PROFILE) -> None:
        from escpos.printer import Dummy

        self._width = width
        self._printer: Any = Dummy(profile=profile)
        self._printer.hw("INIT")

    def lines(self, lines: Sequence[str]) -> None:
        """Lines of text; letters the printer's code pages lack become `?`."""
        for line in lines:
            self._printer.textln(printable(line))

    def image(self, grey: "Grey") -> None:
        """A picture (height × width, uint8), cut at the roll's width, in black dots."""
        import numpy as np
        from PIL import Image

        black_white = np.where(grey[:, : self._width] < INK_BELOW, 0, 255).astype(np.uint8)
        self._printer.image(Image.fromarray(black_white), impl="bitImageRaster")

    def cut(self) -> None:
        """Feed and cut."""
        self._printer.cut()

    def kick(self, pin: int = DRAWER_PIN) -> None:
        """Pulse for the drawer on connector pin 2 or 5."""
        self._printer.cashdraw(pin)

    def output(self) -> bytes:
        """Everything so far."""
        data: bytes = self._printer.output
        return data


class NetworkPrinter:
    """A receipt printer that takes raw ESC/POS on a TCP port, one connection for each job."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int = RAW_PORT,
        *,
        width: int = ROLL_DOTS,
        profile: str = PROFILE,
        timeout_s: float = NETWORK_TIMEOUT_S,
        job: Callable[[], EscPosJob] | None = None,
    ) -> None:
        self._name = name
        self._host, self._port = host, port
        self._width = width
        self._job = job or (lambda: EscPosJob(width, profile))
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """The name the operator knows the printer by."""
        return self._name

    def print_lines(self, lines: Sequence[str], copies: int = 1) -> None:
        """Print lines and cut. Raises DeviceFault PRINTER_UNREACHABLE, PRINTER_GONE (host, port)."""
        job = self._job()
        for _ in range(copies):
            job.lines(lines)
            job.cut()
        self._send(job.output())

    def print_pdf(self, path: Path, copies: int = 1) -> None:
        """Print each page as a picture of the roll's width, and cut after the last.

        Raises DeviceFault PRINTER_UNREACHABLE, PRINTER_GONE (host, port), PRINT_FILE_UNREADABLE (file).
        """
        if not path.is_file():
            raise fault(FaultCode.PRINT_FILE_UNREADABLE, self._name, file=path.name)
        job = self._job()
        for _ in range(copies):
            for page in range(1, pdf_pages.page_count(path) + 1):
                job.image(pdf_pages.render_page(path, page, width=self._width))
            job.cut()
        self._send(job.output())

    def kick(self) -> None:
        """Open the drawer. Raises DeviceFault PRINTER_UNREACHABLE, PRINTER_GONE (host, port)."""
        job = self._job()
        job.kick()
        self._send(job.output())

    def _send(self, data: bytes) -> None:
        try:
            connection = socket.create_connection((self._host, self._port), self._timeout_s)
        except OSError as error:
            raise fault(
                FaultCode.PRINTER_UNREACHABLE, self._name, host=self._host, port=self._port
            ) from error
        with connection:
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            except OSError as error:
                raise fault(FaultCode.PRINTER_GONE, self._name, host=self._host, port=self._port) from error


class FilePrinter:
    """The simulator, and a printer for venues without one: writes what would be printed into a folder.

    Jobs are numbered files: `0001.pdf`, `0002.txt`, `0003.drawer`. `jammed` makes every job fail.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self.jammed = False

    @property
    def name(self) -> str:
        """The name the operator knows the printer by."""
        return self._name

    def print_pdf(self, path: Path, copies: int = 1) -> None:
        """Copy the PDF into the folder. Raises DeviceFault PRINT_FILE_UNREADABLE,
        PRINT_FOLDER_NOT_WRITABLE, PRINTER_GONE (jammed)."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise fault(FaultCode.PRINT_FILE_UNREADABLE, self._name, file=path.name) from error
        for _ in range(copies):
            self._write("pdf", data)

    def print_lines(self, lines: Sequence[str], copies: int = 1) -> None:
        """Write the lines as UTF-8 text. Raises DeviceFault PRINT_FOLDER_NOT_WRITABLE, PRINTER_GONE."""
        text = "".join(printable(line) + "\n" for line in lines)
        for _ in range(copies):
            self._write("txt", text.encode())

    def check(self) -> None:
        """Whether it would print. Raises DeviceFault PRINTER_GONE (jammed)."""
        if self.jammed:
            raise fault(FaultCode.PRINTER_GONE, self._name)

    def kick(self) -> None:
        """Write an empty file for the drawer. Raises DeviceFault as the others do."""
        self._write("drawer", b"")

    def _write(self, ending: str, data: bytes) -> None:
        self.check()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            numbers = [int(file.stem) for file in self._folder.iterdir() if file.stem.isdecimal()]
            with (self._folder / f"{max(numbers, default=0) + 1:04d}.{ending}").open("xb") as file:
                file.write(data)
        except OSError as error:
            raise fault(FaultCode.PRINT_FOLDER_NOT_WRITABLE, self._name, folder=str(self._folder)) from error
