"""The four sounds of a gate, computed: the files in resources/sounds are exactly what `render` returns.

admit: two rising notes · refuse: a low buzz, twice · attention: one bell · info: a soft click.
16-bit mono PCM in a WAV container, 44,100 samples a second, less than 0.8 s each.
"""

import io
import math
import struct
import sys
import wave
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

RATE = 44_100
_PEAK = 32_767


class Tone(StrEnum):
    """What a sound means."""

    ADMIT = "admit"
    REFUSE = "refuse"
    ATTENTION = "attention"
    INFO = "info"


Shape = Callable[[float], float]
"""Loudness −1 … 1 at a time in seconds since the note began."""


def render(kind: Tone) -> bytes:
    """The sound as the bytes of a WAV file."""
    notes: dict[Tone, list[tuple[float, float, Shape]]] = {
        Tone.ADMIT: [(0.0, 0.16, _flute(659.26)), (0.13, 0.34, _flute(987.77))],
        Tone.REFUSE: [(0.0, 0.19, _buzz(138.59)), (0.27, 0.28, _buzz(138.59))],
        Tone.ATTENTION: [(0.0, 0.75, _bell(880.0))],
        Tone.INFO: [(0.0, 0.05, _click(420.0))],
    }
    return _wav(_mixed(notes[kind]))


def write_all(folder: Path) -> list[Path]:
    """Write every sound as `<kind>.wav`; the files written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in Tone:
        target = folder / f"{kind.value}.wav"
        target.write_bytes(render(kind))
        written.append(target)
    return written


def _flute(pitch: float) -> Shape:
    """A clear note: the fundamental and two soft partials, dying away."""

    def at(t: float) -> float:
        partials = ((1, 1.0), (2, 0.25), (3, 0.08))
        return 0.55 * math.exp(-6 * t) * sum(part * _sine(pitch * number, t) for number, part in partials)

    return at


def _buzz(pitch: float) -> Shape:
    """A rough low note: odd partials, steady."""

    def at(t: float) -> float:
        return 0.5 * sum(_sine(pitch * number, t) / number for number in (1, 3, 5, 7, 9))

    return at


def _bell(pitch: float) -> Shape:
    """A struck bell: partials out of tune, the high ones gone first."""

    def at(t: float) -> float:
        partials = ((1.0, 1.0, 5), (2.0, 0.6, 7), (2.76, 0.4, 10), (5.4, 0.2, 16))
        return 0.4 * sum(
            part * math.exp(-decay * t) * _sine(pitch * ratio, t) for ratio, part, decay in partials
        )

    return at


def _click(pitch: float) -> Shape:
    """A soft knock."""

    def at(t: float) -> float:
        return 0.5 * math.exp(-90 * t) * _sine(pitch, t)

    return at


def _sine(pitch: float, t: float) -> float:
    return math.sin(2 * math.pi * pitch * t)


def _mixed(notes: Iterable[tuple[float, float, Shape]]) -> list[float]:
    """Notes of (start, length, shape), with 4 ms ramps at both ends so that nothing cracks."""
    ramp = 0.004
    placed = list(notes)
    samples = [0.0] * round(RATE * max(start + length for start, length, _ in placed))
    for start, length, shape in placed:
        first = round(RATE * start)
        for index in range(min(round(RATE * length), len(samples) - first)):
            t = index / RATE
            edge = min(1.0, t / ramp, max(0.0, length - t) / ramp)
            samples[first + index] += edge * shape(t)
    return samples


def _wav(samples: list[float]) -> bytes:
    levels = [round(max(-1.0, min(1.0, sample)) * _PEAK) for sample in samples]
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(struct.pack(f"<{len(levels)}h", *levels))
    return file.getvalue()


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
