"""Views that only remember what they were shown last, for tests of presenters without Qt."""

from typing import Any


class Recorder:
    """Answers every `show_…` by keeping its arguments: `recorder.seen["cart"]`; `log` has them in order."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.log: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("show_"):
            raise AttributeError(name)
        what = name.removeprefix("show_")

        def show(*args: Any, **named: Any) -> None:
            self.log.append(what)
            self.seen[what] = args[0] if len(args) == 1 and not named else (*args, *named.values())

        return show
