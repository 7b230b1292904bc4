"""Rules of this repository that no linter knows; each prints why it is one."""

import ast
import re
import subprocess
import sys
from pathlib import Path

MAX_LINES = 500
MAX_FUNCTION = 60
TOP_LEVEL = {"app", "ui", "domain", "sync", "devices", "migrations", "resources", "tests"}
ADDRESS = re.compile(r"--(?:extra-)?index-url|--find-links|/simple/?(?:\s|$)|files\.[a-z]+hosted")
LATER = re.compile(r"\x23.*\b(TODO|FIXME|XXX)\b")  # \x23 is the sign that begins a comment
TEXTS = {".txt", ".lock", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".md"}


def tracked() -> list[Path]:
    """Files that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    return [Path(name) for name in names if name and Path(name).is_file()]


def problems_of(path: Path) -> list[str]:
    """What is wrong with one file."""
    found: list[str] = []
    top = path.parts[0]
    if len(path.parts) > 1 and top not in TOP_LEVEL and not top.startswith("."):
        found.append(f"{path}: no top-level folder of its own (architecture: folders)")
    if path.suffix in TEXTS or path.name in ("Makefile", "run", "setup"):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
            if ADDRESS.search(line):
                found.append(f"{path}:{number}: the address of a package index (hashes yes, addresses no)")
    if path.suffix == ".py" and top in TOP_LEVEL:
        found.extend(_python_problems(path, in_tests=top == "tests"))
    return found


def _python_problems(path: Path, *, in_tests: bool) -> list[str]:
    text = path.read_text(encoding="utf-8")
    found = []
    if not in_tests and text.count("\n") > MAX_LINES:
        found.append(f"{path}: {text.count(chr(10))} lines; split it by idea (at most {MAX_LINES})")
    tree = ast.parse(text)
    if not in_tests and text.strip() and not ast.get_docstring(tree):
        found.append(f"{path}: does not say what it is for")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not in_tests:
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > MAX_FUNCTION:
                found.append(f"{path}:{node.lineno}: {node.name} has {size} lines (at most {MAX_FUNCTION})")
        if in_tests and isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep"):
            found.append(f"{path}:{node.lineno}: a test that sleeps")
    for number, line in enumerate(text.split("\n"), 1):
        if LATER.search(line):
            found.append(f"{path}:{number}: left for later; finish it or leave it out")
    return found


def main() -> int:
    """Print every problem; 1 when there is any."""
    found = [problem for path in tracked() for problem in problems_of(path)]
    print("\n".join(found) if found else "repository rules: kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
