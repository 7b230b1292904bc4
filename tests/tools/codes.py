"""Which codes of refusals and faults occur in the source, and with which parameters."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from domain.admission_facts import Verdict

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "devices", "domain", "sync", "ui")
RAISED = {"Refusal", "Fault", "DeviceFault", "GatehouseError"}


def codes_in(root: Path = ROOT) -> dict[str, set[str]]:
    """Code → names of the parameters it is ever made with; walks every module of the packages."""
    found: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            for code, params in _codes_of(ast.parse(path.read_text(encoding="utf-8"))):
                found[code] |= params
    return dict(found)


def _codes_of(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name(node.func) not in RAISED or not node.args:
            continue
        for code in _texts(node.args[0], constants):
            yield code, {word.arg for word in node.keywords if word.arg}


def _name(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _texts(node: ast.expr, constants: dict[str, object]) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, constants) + _texts(node.orelse, constants)
    if isinstance(node, ast.Name) and isinstance(constants.get(node.id), str):
        return [str(constants[node.id])]
    return []


NOT_CODES = {
    *("GATEHOUSE_LANG", "GATEHOUSE_DATA", "GATEHOUSE_KEY_DIR", "GATEHOUSE_LOG", "CLOCK_BOOTTIME"),
    *(
        "GATEHOUSE_PRINT_FOLDER",
        "QT_QPA_PLATFORM",
        "QT_SCALE_FACTOR",
        "QT_LOGGING_RULES",
        "WAYLAND_DISPLAY",
        "LC_ALL",
        "PG_VERSION",
    ),
}
"""Texts in capitals that are names of other things: variables of the environment, files, clocks."""

_SHAPE = re.compile(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+")


def code_shaped(root: Path = ROOT) -> dict[str, str]:
    """Every other text of the source that looks like a code, with a place where it stands.

    Codes that come out of tables and enums are found this way; verdicts have tables of their own.
    """
    verdicts = {verdict.value for verdict in Verdict}
    found: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if path.parent.name == "wording":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and _SHAPE.fullmatch(text) and text not in NOT_CODES | verdicts:
                    found[text] = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
    return found
