"""Collecting and compiling the strings of the windows: `python -m ui.translations [--update]`.

Without an option the catalogues in resources/i18n are compiled (part of the set-up); with `--update` the
strings of the source are collected into them first. What has no Russian yet stays marked as unfinished, and a
test fails on it.
"""

import subprocess
import sys
from pathlib import Path

from app.paths import resource
from ui.i18n import LANGUAGES, compile_catalogue

_ROOT = Path(__file__).resolve().parent


def sources() -> list[str]:
    """Every module of the windows."""
    return sorted(str(path) for path in _ROOT.rglob("*.py"))


def update(language: str, target: Path) -> bool:
    """Collect the strings into a catalogue; False when the tool fails."""
    tool = Path(sys.executable).with_name("pyside6-lupdate")
    command = [str(tool), *sources(), "-ts", str(target), "-no-obsolete", "-locations", "none",
               "-source-language", "en", "-target-language", language]  # fmt: skip
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """1 when anything fails."""
    failed = False
    for language in LANGUAGES:
        if language == "en":
            continue
        catalogue = resource("i18n", f"gatehouse_{language}.ts")
        if "--update" in arguments:
            failed |= not update(language, catalogue)
        failed |= not compile_catalogue(catalogue, catalogue.with_suffix(".qm"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
