"""A station in a fresh folder, driven through the command line inside this process."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.cli.program import run
from app.services.signin import PinHasher

CATALOGUE = """
organization: {name: Test House, zone: Europe/Berlin, currency: EUR}
gates:
  - {code: A, name: Main door}
events:
  - code: play
    name: A Play
    name_ru: Пьеса
    state: published
    performances:
      - {code: play-1, starts: "now+40m", doors: 30, minutes: 120, capacity: 3}
    products:
      - {code: full, name: Full, price: "20.00", tax: 7}
      - {code: half, name: Half, price: "10.00", tax: 7, concession: student card}
      - {code: later, name: Later, price: "5.00", sales_from: "+3d 10:00"}
      - {code: over, name: Over, price: "5.00", sales_until: "-3d 10:00"}
  - code: draft
    name: Not Yet
    performances:
      - {code: draft-1, starts: "+1d 19:00", capacity: 10}
    products:
      - {code: full, name: Full, price: "20.00"}
  - code: museum
    name: Museum
    state: published
    products:
      - {code: day, name: Day, price: "9.00", validity: {kind: day, start: calendar, reentry: free}}
"""


@dataclass
class Answer:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> str:
        return self.json["error"]["code"]


Cli = Callable[..., Answer]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a verb with `--json` on a data folder of this test; `data` names another folder."""
    monkeypatch.setenv("GATEHOUSE_KEY_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("GATEHOUSE_USER", "anna")
    monkeypatch.setenv("GATEHOUSE_PIN", "2580")
    monkeypatch.setenv("GATEHOUSE_LANG", "en")
    # The same hasher with a cost that a hundred verbs can pay; its real cost has a test of its own.
    monkeypatch.setattr("app.bootstrap.PinHasher", partial(PinHasher, 1, 64))

    def call(*words: str, data: Path | None = None, as_json: bool = True) -> Answer:
        capfd.readouterr()
        options = ["--data", str(data or tmp_path / "data")] + (["--json"] if as_json else [])
        if words[0] == "decode":
            options = options[2:]
        code = run([*words, *options])
        printed = capfd.readouterr()
        return Answer(code, printed.out, printed.err)

    return call


@pytest.fixture
def house(cli: Cli, tmp_path: Path) -> Cli:
    """A station with a catalogue, an administrator and an open shift."""
    file = tmp_path / "house.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    made = cli(
        "init",
        "--station",
        "Till 1",
        "--prefix",
        "K1",
        "--catalogue",
        str(file),
        "--admin",
        "anna",
        "--admin-pin",
        "2580",
        "--no-hub",
    )
    assert made.code == 0, made
    assert cli("shift", "open", "--float", "100.00").code == 0
    return cli
