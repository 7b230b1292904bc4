"""The licences of everything in the lock file, and the page that lists them.

    python -m tests.tools.licences          writes resources/licences.md

Packages that are only installed on other systems keep the line they have.
"""

import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
PAGE = ROOT / "resources" / "licences.md"
HEAD = """# Licences of the packages that Gatehouse uses

Written from what the packages say of themselves; a package that offers a choice is used under the first that
suits an MIT program (PySide6: LGPL). Versions stand in `requirements.lock`.

| package | licence |
|---|---|
"""
_BY_HAND = {"sqlcipher3": "Zlib (binding) and BSD-3-Clause (SQLCipher)"}
"""Said only in a text that came with it."""
_ELSEWHERE = {"colorama": "BSD-3-Clause", "pywin32-ctypes": "BSD-3-Clause"}
_CLASSIFIED = re.compile(r"License :: (?:OSI Approved :: )?(.+)")


def plain(name: str) -> str:
    """A package name as indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> list[str]:
    """The packages of the lock file, sorted."""
    return sorted({plain(name) for name in re.findall(r"^([\w.-]+)==", LOCK.read_text(), re.MULTILINE)})


def listed() -> Mapping[str, str]:
    """Package and licence as the page has them."""
    rows = re.findall(r"^\| ([\w.-]+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    return {name: licence for name, licence in rows if name != "package"}


def said(name: str) -> str:
    """What a package says of its licence."""
    if name in _BY_HAND:
        return _BY_HAND[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return _ELSEWHERE[name]
    classified = [
        found[1] for entry in about.get_all("Classifier", []) if (found := _CLASSIFIED.match(entry))
    ]
    text = about.get("License-Expression") or (classified and " or ".join(classified)) or about.get("License")
    if not text:
        files = metadata.files(name) or []
        text = next(
            (line.strip() for file in files if "LICENSE" in file.name.upper()
             for line in file.read_text().splitlines() if line.strip()), "not said",
        )  # fmt: skip
    return str(text).splitlines()[0].replace("|", "/")[:90]


def main() -> None:
    """Write the page."""
    PAGE.write_text(HEAD + "".join(f"| {name} | {said(name)} |\n" for name in locked()))


if __name__ == "__main__":
    main()
