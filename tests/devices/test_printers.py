"""Printers: one contract for the network printer (over a socket) and the folder; the system's own."""

import os
import socket
import threading
from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from devices.printers import (
    FilePrinter,
    NetworkPrinter,
    SystemPrinter,
    list_printers,
    print_command,
    printable,
)
from domain.errors import DeviceFault
from tests.devices.waiting import Collected

DRAWER = b"\x1bp"
CUT = b"\x1dV"
EVIL = "Eve\x1bp\x00\x19\xfa\x10\x14\x01\x00\x05\r\n\u2028\u202eZoë\x9d"


@pytest.fixture
def receipt(tmp_path) -> Path:
    path = tmp_path / "receipt.pdf"
    sheet = canvas.Canvas(str(path), pagesize=(226.77, 300))
    sheet.rect(20, 20, 180, 250, fill=1)
    sheet.showPage()
    sheet.save()
    return path


class SocketPrinter:
    """A printer on a TCP port of this machine; every connection is a job."""

    def __init__(self):
        self.jobs = Collected()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                self.jobs(stream.read())

    def close(self):
        if self._thread.is_alive():
            self._server.shutdown(socket.SHUT_RDWR)
            self._thread.join(10)
            self._server.close()


class NetworkRig:
    """The ESC/POS driver and its printer."""

    def __init__(self, tmp_path):
        self._paper = SocketPrinter()
        self.printer = NetworkPrinter("bar printer", "127.0.0.1", self._paper.port)
        self.close = self._paper.close

    def jobs(self, count):
        return self._paper.jobs.wait_count(count)

    def break_down(self):
        self._paper.close()

    broken = "PRINTER_UNREACHABLE"


class FolderRig:
    """The simulator."""

    broken = "PRINTER_GONE"

    def __init__(self, tmp_path):
        self._folder = tmp_path / "out"
        self.printer = FilePrinter("bar printer", self._folder)

    def jobs(self, count):
        files = sorted(self._folder.iterdir())
        return [DRAWER if file.suffix == ".drawer" else file.read_bytes() for file in files]

    def break_down(self):
        self.printer.jammed = True

    def close(self):
        pass


@pytest.fixture(params=[NetworkRig, FolderRig])
def rig(request, tmp_path):
    rig = request.param(tmp_path)
    yield rig
    rig.close()


def test_lines_of_text_are_printed(rig):
    rig.printer.print_lines(["Theatre", "Total 12.00"])
    (job,) = rig.jobs(1)
    assert job.index(b"Theatre\n") < job.index(b"Total 12.00\n")
    assert DRAWER not in job


def test_a_name_cannot_open_the_drawer_or_cut_the_paper(rig):
    rig.printer.print_lines([EVIL])
    (job,) = rig.jobs(1)
    assert DRAWER not in job
    assert b"\x10\x14" not in job
    assert b"Evep" in job


def test_a_pdf_is_printed_as_often_as_asked(rig, receipt):
    rig.printer.print_pdf(receipt, copies=2)
    printed = rig.jobs(1)
    assert sum(max(job.count(CUT), job.startswith(b"%PDF")) for job in printed) == 2


def test_the_drawer_is_kicked(rig):
    rig.printer.kick()
    (job,) = rig.jobs(1)
    assert DRAWER in job


def test_a_missing_file_is_a_fault_and_nothing_is_printed(rig, tmp_path):
    with pytest.raises(DeviceFault) as raised:
        rig.printer.print_pdf(tmp_path / "none.pdf")
    assert raised.value.code == "PRINT_FILE_UNREADABLE"
    assert raised.value.params == {"device": "bar printer", "file": "none.pdf"}


def test_a_printer_that_breaks_down_is_a_fault(rig, receipt):
    rig.break_down()
    for act in (
        rig.printer.kick,
        lambda: rig.printer.print_lines(["x"]),
        lambda: rig.printer.print_pdf(receipt),
    ):
        with pytest.raises(DeviceFault) as raised:
            act()
        assert raised.value.code == rig.broken


def test_a_page_becomes_dots_of_the_roll_s_width(tmp_path, receipt):
    rig = NetworkRig(tmp_path)
    rig.printer.print_pdf(receipt)
    (job,) = rig.jobs(1)
    rig.close()
    header = job.index(b"\x1dv0\x00")
    assert int.from_bytes(job[header + 4 : header + 6], "little") * 8 == 576
    height = int.from_bytes(job[header + 6 : header + 8], "little")
    assert abs(height - 300 * 576 / 226.77) <= 2
    dots = job[header + 8 : header + 8 + 72 * height]
    black = sum(byte.bit_count() for byte in dots) / (8 * len(dots))
    assert abs(black - 180 * 250 / (226.77 * 300)) < 0.01


def test_cyrillic_is_printed_through_the_printer_s_code_pages(tmp_path):
    rig = NetworkRig(tmp_path)
    rig.printer.print_lines(["Иванов"])
    (job,) = rig.jobs(1)
    rig.close()
    assert "Иванов".encode("cp866") in job


def test_a_printer_that_closes_the_line_in_mid_job_is_gone():
    server = socket.create_server(("127.0.0.1", 0))

    def hang_up():
        connection, _ = server.accept()
        connection.recv(1)  # the job has begun
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    printer = NetworkPrinter("bar printer", "127.0.0.1", server.getsockname()[1])
    with pytest.raises(DeviceFault) as raised:
        printer.print_lines(["x" * 1000] * 8_000)  # more than the buffers of both ends hold
    thread.join(10)
    server.close()
    assert raised.value.code == "PRINTER_GONE"
    assert raised.value.params["host"] == "127.0.0.1"


def test_a_folder_that_cannot_be_written_is_a_fault_that_names_it(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeviceFault) as raised:
        FilePrinter("files", tmp_path / "file" / "out").print_lines(["x"])
    assert raised.value.code == "PRINT_FOLDER_NOT_WRITABLE"


def test_spaces_of_every_kind_stay_spaces():
    assert printable("1\u202f234\u00a0€\tx\u2028y") == "1 234 €x y"


class Commands:
    """A folder with `lp` and `lpstat` that note what they were called with."""

    def __init__(self, folder: Path, lp: str = "exit 0", names: str = "Office Bar"):
        self.calls = folder / "calls"
        (folder / "bin").mkdir()
        self._put(folder / "bin" / "lp", f'printf "%s|" "$@" >> {self.calls}\n{lp}\n')
        self._put(folder / "bin" / "lpstat", f"printf '%s\\n' {names}\n")
        self.environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}

    def _put(self, path, script):
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)


def test_a_pdf_goes_to_the_system_s_printer(tmp_path, receipt):
    commands = Commands(tmp_path)
    SystemPrinter("Office", platform="linux", environment=commands.environment).print_pdf(receipt, 2)
    assert commands.calls.read_text() == f"-s|-d|Office|-n|2|-t|gatehouse|--|{receipt}|"
    assert list_printers("linux", commands.environment) == ["Office", "Bar"]


def test_the_default_printer_needs_no_name(tmp_path, receipt):
    commands = Commands(tmp_path)
    SystemPrinter(platform="darwin", environment=commands.environment).print_pdf(receipt)
    assert "-d" not in commands.calls.read_text()


@pytest.mark.parametrize(
    ("printer", "lp", "code", "param"),
    [
        ("Office", "exit 3", "PRINTER_REFUSED", ("status", 3)),
        ("Attic", "exit 1", "PRINTER_UNKNOWN", ("printer", "Attic")),
        ("Office", "exec sleep 30", "PRINTER_GONE", ("device", "Office")),
    ],
)
def test_what_the_system_says_no_to_is_a_fault(tmp_path, receipt, printer, lp, code, param):
    commands = Commands(tmp_path, lp)
    target = SystemPrinter(printer, platform="linux", environment=commands.environment, timeout_s=0.5)
    with pytest.raises(DeviceFault) as raised:
        target.print_pdf(receipt)
    assert raised.value.code == code
    assert raised.value.params[param[0]] == param[1]


def test_a_system_without_a_print_command_says_so(tmp_path, receipt):
    environment = {"PATH": str(tmp_path)}
    for act in (
        lambda: SystemPrinter("x", platform="linux", environment=environment).print_pdf(receipt),
        lambda: list_printers("linux", environment),
    ):
        with pytest.raises(DeviceFault) as raised:
            act()
        assert raised.value.code == "PRINTING_UNAVAILABLE"


def test_a_missing_file_is_not_handed_to_the_system(tmp_path):
    with pytest.raises(DeviceFault) as raised:
        SystemPrinter("x", environment={"PATH": ""}).print_pdf(tmp_path / "none.pdf")
    assert raised.value.code == "PRINT_FILE_UNREADABLE"


def test_names_cannot_break_out_of_the_windows_command():
    command = print_command("win32", "Bar'; calc", Path("C:/o'clock.pdf"), 2)
    assert command[-1].count("'C:/o''clock.pdf'") == 2
    assert "-ArgumentList '\"Bar''; calc\"'" in command[-1]
    assert "-Verb PrintTo" in command[-1]
    assert "-Verb Print -" in print_command("win32", "", Path("a.pdf"), 1)[-1]
