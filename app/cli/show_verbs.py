"""`gatehouse open`, `demo` and `tour`: the windows, the story, the pictures."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import logs
from app.cli.console import Console, DataOption, JsonOption, LangOption, data_folder, language, verb
from app.settings import Settings

OutOption = Annotated[Path, typer.Option("--out", help="Folder for PDFs and pictures")]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("open")(open_window)
    root.command("demo")(demo)
    root.command("tour")(tour)


@verb
def open_window(
    windowed: Annotated[bool, typer.Option("--windowed", help="Not maximized")] = False,
    data: DataOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open the window (what `gatehouse` does without a verb)."""
    del as_json
    folder = data_folder(data)
    settings = Settings(folder, flags={"lang": lang} if lang else None)
    logs.configure(folder, settings.text("log"))
    from app.cli.window import run_window

    raise typer.Exit(run_window(folder, settings, maximized=not windowed))


@verb
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Play the whole story without windows")
    ] = False,
    out: OutOption = Path("demo-out"),
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Start a hub, two tills and a gate on demo data; without a display, play the whole story."""
    from app.cli.demo import play_story, show_demo

    console = Console(as_json, language(lang))
    logs.configure(None, "warning")
    if not headless and has_display():
        raise typer.Exit(show_demo(out, console.lang, console.note))
    steps = play_story(out, console.lang, None if as_json else console.note)
    failed = [step for step in steps if not step.ok]
    console.answer(
        {"steps": [{"name": s.name, "ok": s.ok, "detail": s.detail, "ms": s.ms} for s in steps]},
        f"{len(steps) - len(failed)} of {len(steps)} steps; PDFs and pictures are in {out}",
    )
    if failed:
        raise typer.Exit(3)


@verb
def tour(
    out: OutOption = Path("tour-out"),
    theme: Annotated[str, typer.Option("--theme", help="light, dark or both")] = "both",
    quick: Annotated[bool, typer.Option("--quick", help="One size and language only")] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write a picture of every screen over demo data."""
    if theme not in ("light", "dark", "both"):
        raise typer.BadParameter("--theme: light, dark or both")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    logs.configure(None, "warning")
    from app.cli.tour import take_pictures

    console = Console(as_json, language(lang))
    pictures = take_pictures(
        out,
        languages=(lang,) if lang else ("en", "ru"),
        themes=("light", "dark") if theme == "both" else (theme,),
        quick=quick,
        note=None if as_json else console.note,
    )
    console.answer({"pictures": [str(one) for one in pictures]}, f"{len(pictures)} pictures in {out}")


def has_display() -> bool:
    """Whether a window could be seen by anybody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
