"""The systemd unit of the hub, as it stands in resources, with the paths of this installation."""

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from app.paths import resource

HOMES = ("/home/", "/root/", "/run/user/")
NAMED = "ExecStart=/usr/bin/gatehouse hub serve"


def systemd_unit(port: int | None, host: str, names: Sequence[str], program: str | None = None) -> str:
    """The text of the unit. `program`: where the command lies, else where it is found."""
    text = resource("systemd", "gatehouse-hub.service").read_text(encoding="utf-8")
    words = [program or _program(), "hub", "serve"]
    if words[0].startswith(HOMES):  # it could not even be started from a home that is hidden
        text = text.replace("ProtectHome=yes", "ProtectHome=read-only")
    if port is not None:
        words += ["--port", str(port)]
    if host != "127.0.0.1":
        words += ["--host", host]
    for name in names:
        words += ["--name", name]
    return text.replace(NAMED, f"ExecStart={shlex.join(words)}")


def _program() -> str:
    """The command beside this interpreter, else the one on the path."""
    beside = Path(sys.executable).with_name("gatehouse")
    return str(beside) if beside.exists() else shutil.which("gatehouse") or "/usr/bin/gatehouse"
