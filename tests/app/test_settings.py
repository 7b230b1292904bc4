"""Settings: where a value comes from, what does not fit, files that cannot be read or written."""

import json
from pathlib import Path

import pytest

from app.settings import BY_NAME, SETTINGS, Settings, env_example, read_dotenv
from app.settings_book import KeptSettings
from domain.errors import Fault, Refusal

ROOT = Path(__file__).resolve().parents[2]


def refusal(settings: Settings, name: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        settings.value(name)
    return caught.value


def test_the_first_source_that_says_something_wins(tmp_path: Path) -> None:
    def got(environment: dict[str, str], flags: dict[str, str] | None = None) -> tuple[str, str]:
        value = Settings(tmp_path, environment, flags).value("gate.lane")
        return value.value, value.source

    assert got({}) == ("1", "default")
    Settings(tmp_path, {}).store("gate.lane", "2")
    assert got({}) == ("2", "stored")
    (tmp_path / ".env").write_text("GATEHOUSE_GATE_LANE=3\n")
    assert got({}) == ("3", ".env")
    assert got({"GATEHOUSE_GATE_LANE": "4"}) == ("4", "environment")
    assert got({"GATEHOUSE_GATE_LANE": "4"}, {"gate.lane": "5"}) == ("5", "flag")
    assert got({"GATEHOUSE_GATE_LANE": ""}) == ("", "environment")


def test_every_setting_has_a_default_that_fits_and_words_that_explain_it(tmp_path: Path) -> None:
    values = Settings(tmp_path, {}).all()
    assert [value.setting.name for value in values] == [setting.name for setting in SETTINGS]
    for value in values:
        assert value.source == "default"
        assert value.setting.check(value.value) or value.value == ""
        assert value.setting.meaning
    assert len(BY_NAME) == len(SETTINGS)


def test_numbers_are_numbers(tmp_path: Path) -> None:
    assert Settings(tmp_path, {"GATEHOUSE_SYNC_IDLE_SECONDS": "60"}).number("sync.idle_seconds") == 60


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "purple"), ("lang", "de"), ("scanner.baud", "fast"), ("scanner.baud", "-1"),
        ("scanner.baud", "299"), ("scanner.baud", "9" * 5000), ("scanner.baud", "٩٦٠٠"), ("scanner.baud", ""),
        ("turnstile.open", "A0 1"), ("turnstile.open", "zz"), ("gate.code", "Main door"), ("gate.code", ""),
        ("gate.lane", "a\0b"), ("print.folder", "x" * 2001),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_names_setting_and_source(tmp_path: Path, name: str, value: str) -> None:
    settings = Settings(tmp_path, {BY_NAME[name].variable: value})
    said = refusal(settings, name)
    assert (said.code, said.params["name"], said.params["source"]) == ("SETTING_INVALID", name, "environment")
    with pytest.raises(Refusal, match="SETTING_INVALID"):
        settings.store(name, value)
    assert not (tmp_path / "settings.json").exists()
    assert [problem.params["name"] for problem in settings.problems()] == [name]


@pytest.mark.parametrize("value", ["A0 01 01 A2", "a0 01", "", "FF"])
def test_bytes_are_hexadecimal(tmp_path: Path, value: str) -> None:
    assert Settings(tmp_path, {"GATEHOUSE_TURNSTILE_OPEN": value}).text("turnstile.open") == value


def test_a_setting_nobody_knows_is_refused_everywhere(tmp_path: Path) -> None:
    settings = Settings(tmp_path, {})
    assert refusal(settings, "gate.colour").code == "SETTING_UNKNOWN"
    with pytest.raises(Refusal, match="SETTING_UNKNOWN"):
        settings.store("gate.colour", "red")


def test_check_finds_names_nobody_knows_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GATEHOUSE_GAET_CODE=B\nOTHER=1\n")
    (tmp_path / "settings.json").write_text(json.dumps({"gate.colour": "red"}))
    settings = Settings(tmp_path, {"GATEHOUSE_COLOUR": "x", "GATEHOUSE_DATA": "/x", "PATH": "/bin"})
    assert [(one.code, one.params["name"]) for one in settings.problems()] == [
        ("SETTING_UNKNOWN", "GATEHOUSE_COLOUR"),
        ("SETTING_UNKNOWN", "GATEHOUSE_GAET_CODE"),
        ("SETTING_UNKNOWN", "gate.colour"),
    ]


def test_secrets_are_masked_and_never_stored(tmp_path: Path) -> None:
    settings = Settings(tmp_path, {"GATEHOUSE_PIN": "2580"})
    assert settings.text("pin") == "2580"
    assert settings.value("pin").shown == "•••"
    assert settings.value("root_passphrase").shown == ""
    for name in ("pin", "hub.dsn", "root_passphrase"):
        with pytest.raises(Refusal) as caught:
            settings.store(name, "secret")
        assert (caught.value.code, caught.value.params["variable"]) == (
            "SETTING_SECRET",
            BY_NAME[name].variable,
        )
    assert "2580" not in str(KeptSettings(settings).listed())


def test_a_dotenv_takes_comments_blank_lines_and_quotes(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\n# a comment\n A = \"x y\" \nB='z'\nC=\nD=a=b\n")
    assert read_dotenv(tmp_path / ".env") == {"A": "x y", "B": "z", "C": "", "D": "a=b"}
    assert read_dotenv(tmp_path / "none") == {}


@pytest.mark.parametrize("line", ["no equals sign", "lower=1", "A B=1", "=1", "export A=1"])
def test_a_line_of_dotenv_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"A=1\n\n{line}\n")
    with pytest.raises(Fault) as caught:
        Settings(tmp_path, {})
    assert (caught.value.code, caught.value.params) == ("SETTINGS_UNREADABLE", {"file": ".env", "line": 3})


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_dotenv_that_is_no_text_is_a_plain_fault(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / ".env"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(Fault, match="SETTINGS_UNREADABLE"):
        Settings(tmp_path, {})


@pytest.mark.parametrize("content", ["{", "[]", '{"theme": 5}', "\xff"])
def test_stored_settings_that_are_damaged_are_a_plain_fault(tmp_path: Path, content: str) -> None:
    (tmp_path / "settings.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(Fault) as caught:
        Settings(tmp_path, {})
    assert (caught.value.code, caught.value.params["file"]) == ("SETTINGS_UNREADABLE", "settings.json")


def test_storing_keeps_what_was_stored_before_and_is_seen_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "not" / "yet"
    book = KeptSettings(Settings(data, {}))
    book.store("theme", "dark")
    book.store("gate.events", "Гамлет,play")
    again = KeptSettings(Settings(data, {}))
    assert (again.text("theme"), again.text("gate.events"), again.number("scanner.baud")) == (
        "dark", "Гамлет,play", 9600,
    )  # fmt: skip
    listed = {one["name"]: one for one in again.listed()}
    assert (listed["theme"]["value"], listed["theme"]["source"], listed["theme"]["default"]) == (
        "dark", "stored", "system",
    )  # fmt: skip


def test_where_settings_cannot_be_written_the_old_ones_stay_and_no_rest_is_left(tmp_path: Path) -> None:
    settings = Settings(tmp_path, {})
    (tmp_path / "settings.json").mkdir()
    with pytest.raises(Fault, match="SETTINGS_NOT_WRITABLE"):
        settings.store("theme", "dark")
    assert settings.text("theme") == "system"
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_the_committed_example_is_what_the_program_would_write() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_the_example_says_nothing_until_a_line_is_uncommented(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(env_example(), encoding="utf-8")
    assert read_dotenv(path) == {}
    path.write_text(env_example().replace("# GATEHOUSE_", "GATEHOUSE_"), encoding="utf-8")
    assert read_dotenv(path) == {setting.variable: setting.default for setting in SETTINGS}
    assert Settings(tmp_path, {}).problems() == []
