"""Structured logs: JSON lines in the data folder, a readable form on standard error, secrets taken out.

Each line says time, level, event, and what was bound to it (station, user id, entry or order id, duration).
Names, e-mails, PINs, full ticket codes, keys and passwords never get that far: whatever looks like one is
masked here, on the last step before the line is written, whoever wrote the call.
"""

import logging
import logging.handlers
import re
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import structlog

MAX_BYTES = 10_000_000
FILES = 10
LOG_FOLDER = "logs"
LOG_NAME = "gatehouse.jsonl"

_SECRET_NAMES = re.compile(
    r"(?:^|_)(?:pin|password|passwd|secret|token|seed|key|passphrase|code|name|email|phone|authorization)s?$",
    re.IGNORECASE,
)
_TICKET_CODE = re.compile(r"[A-Za-z2-7]{100,}")
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]*:)\S+(@)")
_NAMED_SECRET = re.compile(
    r"""(\b(?:pin|password|passwd|passphrase|secret|token)["']?\s*[=:]\s*)"""
    r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)""",
    re.IGNORECASE,
)
_SPOKEN_SECRET = re.compile(r"(\b(?:pin\s+(?=[0-9]{4})|bearer\s+))\S+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[\w-]+(?:\.[\w-]+)+")
_LONG_HEX = re.compile(r"[0-9A-Fa-f]{48,}")
MASK = "•••"


def redact_text(text: str) -> str:
    """The text with ticket codes, passwords, e-mail addresses and long keys masked."""
    text = _URL_PASSWORD.sub(rf"\1{MASK}\2", text)
    text = _NAMED_SECRET.sub(rf"\1{MASK}", text)
    text = _SPOKEN_SECRET.sub(rf"\1{MASK}", text)
    text = _LONG_HEX.sub(lambda found: found.group()[:8] + MASK, text)
    text = _TICKET_CODE.sub(lambda found: found.group()[:4] + MASK, text)
    return _EMAIL.sub(MASK, text)


def _redact_value(name: str, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_NAMES.search(name):
        is_code = isinstance(value, str) and name == "code" and re.fullmatch(r"[A-Z][A-Z_]{2,40}", value)
        return value if is_code else MASK  # the code of a refusal or fault, not of a ticket
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        return {redact_text(str(key)): _redact_value(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redact_value(name, inner) for inner in value]
    return redact_text(value if isinstance(value, str) else repr(value))


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: mask secrets by name and by shape. What begins with `_` is the formatter's own."""
    return {
        name: value if name.startswith("_") else _redact_value(name, value) for name, value in event.items()
    }


def configure(data: Path | None, level: str = "info", *, stderr: bool = True) -> None:
    """Send logs of this process to the data folder (when given) and to standard error.

    A folder that cannot be written costs the file, never the program: standard error says so once.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "gatehouse", False):
            root.removeHandler(old)
            old.close()
    root.setLevel(logging.getLevelNamesMapping().get(level.upper(), logging.INFO))
    if stderr:
        readable = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        _attach(root, logging.StreamHandler(sys.stderr), readable, shared, logging.WARNING)
    if data is not None:
        _attach_file(root, data, shared)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _with_extra(
    logger: structlog.typing.WrappedLogger, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The `extra` fields of a standard record, less what other formatters have left on it."""
    event = structlog.stdlib.ExtraAdder()(logger, method, event)
    return {name: value for name, value in event.items() if name not in ("message", "asctime")}


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log that can no longer be written (disk full, folder gone) says so once and stays out of the way."""

    _complained = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Called where writing a record failed."""
        del record
        if not self._complained and sys.stderr is not None:
            self._complained = True
            error = sys.exc_info()[1]
            sys.stderr.write(f"no log file: errno {getattr(error, 'errno', None)}\n")


def _attach_file(root: logging.Logger, data: Path, shared: list[structlog.typing.Processor]) -> None:
    try:
        folder = data / LOG_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(folder / LOG_NAME, maxBytes=MAX_BYTES, backupCount=FILES - 1, encoding="utf-8")
    except OSError as error:
        root.warning("no log file: errno %s", error.errno)
        return
    _attach(root, handler, structlog.processors.JSONRenderer(ensure_ascii=False), shared, logging.NOTSET)


def _attach(
    root: logging.Logger,
    handler: logging.Handler,
    renderer: structlog.typing.Processor,
    shared: list[structlog.typing.Processor],
    level: int,
) -> None:
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_with_extra, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.setLevel(level)
    handler.gatehouse = True  # type: ignore[attr-defined]
    root.addHandler(handler)
