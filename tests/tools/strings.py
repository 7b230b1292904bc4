"""Keeps the Russian catalogue complete: `python -m tests.tools.strings update | missing | fill FILE.json`.

`update` reads the strings of ui/ into the catalogue and drops those that are gone. `missing` prints what has
no translation, as JSON: {context: {source: "" or ["", "", ""]}}. `fill` takes the same form back.
"""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from ui.translations import update as collect

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "resources" / "i18n" / "gatehouse_ru.ts"

Translation = str | list[str]
Strings = dict[str, dict[str, Translation]]


def update(catalogue: Path = CATALOGUE) -> None:
    """Bring the catalogue in step with the source. Raises RuntimeError when the tool fails."""
    if not collect("ru", catalogue):
        raise RuntimeError("lupdate failed")


def read(catalogue: Path = CATALOGUE) -> Strings:
    """Every string with its translation; empty where there is none or it is unfinished."""
    found: Strings = {}
    for context in ET.parse(catalogue).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            found.setdefault(name, {})[message.findtext("source", "")] = _translation(message)
    return found


def _translation(message: ET.Element) -> Translation:
    element = message.find("translation")
    if element is None:
        return ""
    finished = element.get("type") is None
    if message.get("numerus") == "yes":
        return [(form.text or "") if finished else "" for form in element.iter("numerusform")]
    return (element.text or "") if finished else ""


def missing(catalogue: Path = CATALOGUE) -> Strings:
    """What has no translation."""
    return {
        context: gaps
        for context, strings in read(catalogue).items()
        if (gaps := {source: made for source, made in strings.items() if not all([made, *made])})
    }


def fill(made: Strings, catalogue: Path = CATALOGUE) -> int:
    """Write translations into the catalogue; how many were taken."""
    tree = ET.parse(catalogue)
    taken = 0
    for context in tree.getroot().iter("context"):
        known = made.get(context.findtext("name", ""), {})
        for message in context.iter("message"):
            words = known.get(message.findtext("source", ""))
            element = message.find("translation")
            if not words or element is None:
                continue
            element.attrib.pop("type", None)
            if isinstance(words, list):
                for form, text in zip(element.iter("numerusform"), words, strict=True):
                    form.text = text
            else:
                element.text = words
            taken += 1
    body = ET.tostring(tree.getroot(), encoding="unicode")
    catalogue.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
    return taken


def main(arguments: list[str]) -> None:
    match arguments:
        case ["update"]:
            update()
            sys.stdout.write(f"{sum(map(len, missing().values()))} without a translation\n")
        case ["missing"]:
            sys.stdout.write(json.dumps(missing(), ensure_ascii=False, indent=1) + "\n")
        case ["fill", name]:
            sys.stdout.write(f"{fill(json.loads(Path(name).read_text(encoding='utf-8')))} filled\n")
            update()
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
