"""Verdict sounds never stop a gate: without files, a sound card or a library there is the desktop's beep."""

import builtins
import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from ui.assets import asset
from ui.sounds import NAMES, Sounds


@pytest.fixture
def beeps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    heard: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append(1))
    return heard


@pytest.mark.logs_expected
def test_without_a_sound_library_there_is_a_beep(
    qapp: QApplication, beeps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., object] = builtins.__import__

    def refuse(name: str, *rest: object, **more: object) -> object:
        if name == "PySide6.QtMultimedia":
            raise ImportError("libpulse.so.0: cannot open shared object file")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    Sounds(asset("sounds")).play("admit")
    assert beeps == [1]


@pytest.mark.logs_expected
def test_a_missing_file_is_a_beep_too(qapp: QApplication, beeps: list[int], tmp_path: Path) -> None:
    Sounds(tmp_path).play("refuse")
    assert beeps == [1]


def test_muted_means_silence(qapp: QApplication, beeps: list[int]) -> None:
    Sounds(asset("sounds"), muted=True).play("refuse")
    assert beeps == []


def test_each_verdict_has_a_sound_of_its_own() -> None:
    content = set()
    for name in NAMES:
        with wave.open(str(asset("sounds", f"{name}.wav"))) as sound:
            content.add(sound.readframes(sound.getnframes()))
    assert len(content) == len(NAMES)
