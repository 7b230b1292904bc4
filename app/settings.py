"""Every setting of a station: its name, meaning, default, and where its value came from.

Order of sources, the first that has a value wins: command-line flag, environment (`GATEHOUSE_…`), `.env` in
the data folder, stored setting (`settings.json` in the data folder), default. Secrets are never stored here:
they come from the environment or live in the keystore.
"""

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Fault, Refusal
from domain.horizon import ENTRY_DAYS, EVENT_DAYS, MOST_DAYS

Check = Callable[[str], bool]
STORED = "settings.json"
ENV_PREFIX = "GATEHOUSE_"


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _whole(low: int, high: int) -> Check:
    return lambda value: value.isascii() and value.isdigit() and len(value) <= 9 and low <= int(value) <= high


def _hex_bytes(value: str) -> bool:
    return re.fullmatch(r"(?:[0-9A-Fa-f]{2}(?: |$))*", value) is not None


def _code(value: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", value) is not None


def _address(value: str) -> bool:
    return re.fullmatch(r"(?:(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]*):)?[0-9]{1,5}|", value) is not None


def _anything(value: str) -> bool:
    return "\0" not in value and len(value) <= 2000


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `secret` ones are shown masked and cannot be stored by `settings set`."""

    name: str
    meaning: str
    default: str = ""
    check: Check = _anything
    secret: bool = False
    hint: str = ""

    @property
    def variable(self) -> str:
        """The environment variable of this setting."""
        return ENV_PREFIX + self.name.upper().replace(".", "_")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "lang", "Language of windows and messages", "auto", _one_of("auto", "en", "ru"), hint="auto|en|ru"
    ),
    Setting(
        "theme",
        "Colours of the windows",
        "system",
        _one_of("system", "light", "dark"),
        hint="system|light|dark",
    ),
    Setting(
        "log",
        "Least important level that is logged",
        "info",
        _one_of("debug", "info", "warning", "error"),
        hint="debug|info|warning|error",
    ),
    Setting("sound", "Verdict sounds", "on", _one_of("on", "off"), hint="on|off"),
    Setting("gate.code", "The gate this station stands at", "A", _code, hint="A"),
    Setting("gate.lane", "The lane of the gate, if it has several", "1"),
    Setting("gate.performance", "Code of the performance this gate admits to; empty = all"),
    Setting(
        "gate.verdict_seconds",
        "How long a verdict stays on the gate's screen if nobody else comes",
        "8",
        _whole(1, 120),
    ),
    Setting("gate.events", "Codes of the events this gate admits to, comma separated; empty = all"),
    Setting(
        "gate.unknown",
        "What to do with a genuine ticket that is not known here",
        "admit",
        _one_of("admit", "refuse"),
        hint="admit|refuse",
    ),
    Setting(
        "gate.unknown_key",
        "What to do with a ticket of a till that this gate has not heard of; anybody can make such a code",
        "refuse",
        _one_of("admit", "refuse"),
        hint="admit|refuse",
    ),
    Setting(
        "gate.early_minutes", "How long before the start (or doors) people are let in", "90", _whole(0, 1440)
    ),
    Setting(
        "gate.late_minutes",
        "How long after the start people are let in; 0 = until the end",
        "0",
        _whole(0, 1440),
    ),
    Setting("camera.source", "Camera: index, picture, folder, video file or stream address; empty = none"),
    Setting("scanner.port", "Serial scanner: port such as COM3 or /dev/ttyACM0; empty = none"),
    Setting("scanner.baud", "Speed of the serial scanner", "9600", _whole(300, 4_000_000)),
    Setting(
        "scanner.gap_ms", "Silence that ends a code of a scanner without a suffix", "60", _whole(10, 2000)
    ),
    Setting(
        "wedge.gap_ms", "Longest pause between two keys of a keyboard-wedge scanner", "35", _whole(5, 200)
    ),
    Setting("turnstile.port", "Serial relay of the turnstile; `simulated` for practice; empty = none"),
    Setting("turnstile.baud", "Speed of the relay", "9600", _whole(300, 4_000_000)),
    Setting("turnstile.open", "Bytes that open, hexadecimal", "A0 01 01 A2", _hex_bytes),
    Setting("turnstile.close", "Bytes that close, hexadecimal", "A0 01 00 A1", _hex_bytes),
    Setting("turnstile.pulse_ms", "How long it stays open", "500", _whole(20, 30_000)),
    Setting("print.folder", "Folder for PDFs; empty = `prints` in the data folder"),
    Setting("print.paper", "Paper of tickets", "A4", _one_of("A4", "A6"), hint="A4|A6"),
    Setting("print.printer", "System printer for tickets and receipts; empty = the default one"),
    Setting(
        "print.after_sale",
        "What happens with tickets and receipt after a sale",
        "save",
        _one_of("save", "open", "print"),
        hint="save|open|print",
    ),
    Setting("sync.active_seconds", "Pause between two looks at the hub while selling", "2", _whole(1, 600)),
    Setting("sync.idle_seconds", "The same while nothing happens", "15", _whole(1, 3600)),
    Setting(
        "replica.entry_days",
        "How many days other stations' entries are kept whole, for a hub that lost them; 0 = for ever",
        str(ENTRY_DAYS),
        _whole(0, MOST_DAYS),
    ),
    Setting(
        "replica.event_days",
        "How many days after an event other stations' settled orders of it are kept; 0 = for ever",
        str(EVENT_DAYS),
        _whole(0, MOST_DAYS),
    ),
    Setting(
        "metrics.listen",
        "Where the window serves /metrics and /health: PORT on this machine, or HOST:PORT; empty = nowhere",
        "",
        _address,
        hint="9187",
    ),
    Setting("hub.dsn", "Address of the hub for its administrator (`hub …` verbs)", secret=True),
    Setting("user", "Login of whoever acts on the command line"),
    Setting("session", "Token of a script's session, instead of login and PIN", secret=True),
    Setting(
        "session.idle_minutes",
        "How long a window waits before it asks for the PIN again",
        "3",
        _whole(1, 240),
    ),
    Setting("pin", "PIN of whoever acts on the command line", secret=True),
    Setting("approver", "Login of who approves what is over somebody's limit on the command line"),
    Setting("approver_pin", "PIN of who approves on the command line", secret=True),
    Setting("root_passphrase", "Passphrase of the organization's root key", secret=True),
    Setting(
        "recovery_passphrase",
        "Passphrase of the organization's recovery key; empty = the root key's",
        secret=True,
    ),
    Setting("backup_passphrase", "Passphrase that backups can be opened with as well", secret=True),
    Setting(
        "key_dir", "Folder for keys where the system has no keystore; empty = the user's configuration folder"
    ),
    Setting(
        "keystore", "Where keys are kept", "auto", _one_of("auto", "system", "file"), hint="auto|system|file"
    ),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Value:
    """A setting's value and the source it came from: flag, environment, .env, stored or default."""

    setting: Setting
    value: str
    source: str

    @property
    def shown(self) -> str:
        """The value for people: secrets masked."""
        return "•••" if self.setting.secret and self.value else self.value


class Settings:
    """The settings of one data folder. Reading raises Refusal SETTING_INVALID where a value does not fit."""

    def __init__(
        self,
        data: Path,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, str] | None = None,
    ) -> None:
        self._path = data / STORED
        self._environment = dict(os.environ if environment is None else environment)
        self._flags = dict(flags or {})
        self._dotenv = read_dotenv(data / ".env")
        self._stored = self._read_stored()

    def pin(self, values: Mapping[str, str]) -> None:
        """Values that win over every source from now on."""
        self._flags |= {_known(name).name: value for name, value in values.items()}

    def value(self, name: str) -> Value:
        """The value in force, with its source. Raises Refusal SETTING_UNKNOWN, SETTING_INVALID."""
        setting = _known(name)
        sources = (
            ("flag", self._flags.get(name)),
            ("environment", self._environment.get(setting.variable)),
            (".env", self._dotenv.get(setting.variable)),
            ("stored", self._stored.get(name)),
        )
        for source, value in sources:
            if value is not None:
                _check(setting, value, source)
                return Value(setting, value, source)
        return Value(setting, setting.default, "default")

    def text(self, name: str) -> str:
        """The value as text."""
        return self.value(name).value

    def number(self, name: str) -> int:
        """The value of a setting that is a whole number."""
        return int(self.value(name).value)

    def all(self) -> list[Value]:
        """Every setting with its value and source."""
        return [self.value(setting.name) for setting in SETTINGS]

    def store(self, name: str, value: str) -> None:
        """Keep a value for the next start. Raises Refusal SETTING_UNKNOWN, SETTING_INVALID, SETTING_SECRET;
        Fault SETTINGS_NOT_WRITABLE."""
        setting = _known(name)
        if setting.secret:
            raise Refusal("SETTING_SECRET", name=name, variable=setting.variable)
        _check(setting, value, "stored")
        stored = {**self._stored, name: value}
        _write_atomically(self._path, json.dumps(stored, ensure_ascii=False, indent=1, sort_keys=True))
        self._stored = stored

    def problems(self) -> list[Refusal]:
        """What `settings check` reports: every value that does not fit, every name nobody knows."""
        found: list[Refusal] = []
        for setting in SETTINGS:
            try:
                self.value(setting.name)
            except Refusal as refusal:
                found.append(refusal)
        variables = {setting.variable for setting in SETTINGS} | {ENV_PREFIX + "DATA"}
        found.extend(
            Refusal("SETTING_UNKNOWN", name=variable)
            for variable in sorted({*self._dotenv, *self._environment})
            if variable.startswith(ENV_PREFIX) and variable not in variables
        )
        found.extend(
            Refusal("SETTING_UNKNOWN", name=name) for name in sorted(self._stored) if name not in BY_NAME
        )
        return found

    def _read_stored(self) -> dict[str, str]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            raise Fault("SETTINGS_UNREADABLE", file=self._path.name) from None
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise Fault("SETTINGS_UNREADABLE", file=self._path.name)
        return content


def read_dotenv(path: Path) -> dict[str, str]:
    """`NAME=value` lines; `#` starts a comment, quotes around a value are taken off. Raises Fault
    SETTINGS_UNREADABLE with the line that is wrong."""
    values: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise Fault("SETTINGS_UNREADABLE", file=path.name) from None
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name.strip()):
            raise Fault("SETTINGS_UNREADABLE", file=path.name, line=number)
        values[name.strip()] = value.strip().strip("\"'")
    return values


def env_example() -> str:
    """The text of `.env.example`: every setting with its meaning and default."""
    lines = [
        "# Settings of a Gatehouse station. Copy to `.env` in the data folder and uncomment what you need.",
        "",
    ]
    for setting in SETTINGS:
        hint = f" ({setting.hint})" if setting.hint else ""
        lines += [f"# {setting.meaning}{hint}", f"# {setting.variable}={setting.default}", ""]
    return "\n".join(lines)


def _known(name: str) -> Setting:
    try:
        return BY_NAME[name]
    except KeyError:
        raise Refusal("SETTING_UNKNOWN", name=name) from None


def _check(setting: Setting, value: str, source: str) -> None:
    if not setting.check(value):
        raise Refusal("SETTING_INVALID", name=setting.name, source=source, hint=setting.hint)


def _write_atomically(path: Path, text: str) -> None:
    draft: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        draft = Path(temporary)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        raise Fault("SETTINGS_NOT_WRITABLE", file=path.name, errno=error.errno) from None
