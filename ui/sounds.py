"""The sounds of the verdicts. Sound is a courtesy: whatever is missing, the gate goes on.

QtMultimedia needs libpulse on Linux; without it, or without a sound card, the desktop's beep takes its place.
"""

from pathlib import Path
from typing import Literal, Protocol

import structlog
from PySide6.QtCore import QObject, QUrl
from PySide6.QtWidgets import QApplication

_LOGGER = "gatehouse.sounds"

SoundName = Literal["admit", "refuse", "attention", "info"]
NAMES: tuple[SoundName, ...] = ("admit", "refuse", "attention", "info")


class _Effect(Protocol):
    """The part of QSoundEffect that is used here."""

    def play(self) -> None:
        """Start from the beginning."""
        ...


class Sounds(QObject):
    """Plays resources/sounds/<name>.wav; `muted` plays nothing at all."""

    def __init__(self, folder: Path, parent: QObject | None = None, *, muted: bool = False) -> None:
        super().__init__(parent)
        self.muted = muted
        self._effects = {} if muted else _load(folder, self)

    def play(self, name: SoundName) -> None:
        """Play at once, over whatever sounds now."""
        if self.muted:
            return
        effect = self._effects.get(name)
        if effect is None:
            QApplication.beep()
        else:
            effect.play()


def _load(folder: Path, parent: QObject) -> dict[SoundName, _Effect]:
    try:
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect  # noqa: PLC0415
    except ImportError as error:
        structlog.get_logger(_LOGGER).warning("no_sound", reason=str(error))
        return {}
    if not QMediaDevices.audioOutputs():
        structlog.get_logger(_LOGGER).warning("no_sound", reason="no sound card")
        return {}
    effects: dict[SoundName, _Effect] = {}
    for name in NAMES:
        path = folder / f"{name}.wav"
        if path.exists():
            effect = QSoundEffect(parent)
            effect.setSource(QUrl.fromLocalFile(str(path)))
            effects[name] = effect
    return effects
