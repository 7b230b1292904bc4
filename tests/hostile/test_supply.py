"""What is installed is what was looked at: every package is pinned, with hashes."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==[0-9][^ ;\\]*( ; [^\\]+)? ?\\?$", re.IGNORECASE
)


def locked() -> dict[str, list[str]]:
    """The packages of the lock file with their hashes."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            hashed = re.fullmatch(r"\s+--hash=sha256:([0-9a-f]{64})(?: \\)?", line)
            assert hashed is not None, line
            found[name].append(hashed.group(1))
        else:
            pinned = PIN.match(line)
            assert pinned is not None, line
            name = pinned.group(1).lower().replace("_", "-")
            assert name not in found or ";" in line, f"{name} twice"
            found.setdefault(name, [])
    return found


def test_every_package_is_pinned_to_a_version_and_its_hashes() -> None:
    packages = locked()
    assert len(packages) > 40
    assert [name for name, hashes in packages.items() if not hashes] == []


def test_everything_that_the_program_names_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for each in project.get("optional-dependencies", {}).values() for one in each]
    wanted = {
        re.match(r"[A-Za-z0-9._-]+", one).group().lower().replace("_", "-")
        for one in (*project["dependencies"], *extras)
    }
    assert wanted - set(locked()) - {"gatehouse"} == set()
