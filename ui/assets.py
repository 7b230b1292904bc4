"""Where the files of the program lie: icons, fonts, sounds, help pages, translations."""

from pathlib import Path

_RESOURCES = Path(__file__).resolve().parents[1] / "resources"


def asset(*parts: str) -> Path:
    """Path of a file or folder below resources/, which lies beside this package; it need not exist."""
    return _RESOURCES.joinpath(*parts)
