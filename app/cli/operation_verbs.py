"""`gatehouse doctor`, `metrics` and `logs`: what somebody looks at who keeps a station running."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import (
    FAULT,
    Console,
    DataOption,
    JsonOption,
    LangOption,
    data_folder,
    language,
    station_at,
    verb,
    words,
)
from app.cli.stopping import Stopping
from app.clock import SystemClock
from app.settings import Settings
from domain.errors import GatehouseError

LEVELS = ("debug", "info", "warning", "error", "critical")


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    root.command("doctor")(doctor)
    root.command("metrics")(show_metrics)
    root.command("logs")(show_logs)


@verb
def doctor(
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", help="Write a file for whoever helps: no names, codes or passwords in it"),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Look at everything a station needs: each green, amber with advice, or red."""
    from app.bootstrap import open_keystore
    from app.doctor import examine

    folder = data_folder(data)
    settings = Settings(folder)
    console = Console(as_json, language(lang, settings))
    checks = examine(folder, settings, open_keystore(settings))
    documents: list[dict[str, Any]] = []
    lines: list[str] = []
    for check in checks:
        advice = words(check.advice, console.lang) if check.advice is not None else ""
        documents.append({"name": check.name, "state": check.state, "advice": advice, "facts": check.facts})
        lines.append(f"{check.state:5}  {check.name}  {advice or check.facts}")
    answer: dict[str, Any] = {"checks": documents}
    if bundle is not None:
        answer |= {"bundle": str(bundle), "parts": _bundled(bundle, folder, settings, checks)}
        lines.append(f"{bundle}: {', '.join(answer['parts'])}")
    console.answer(answer, *lines)
    if any(check.state == "red" for check in checks):
        raise typer.Exit(FAULT)


def _bundled(path: Path, folder: Path, settings: Settings, checks: list[Any]) -> list[str]:
    """Written also where the station does not open: that is when help is wanted."""
    from app.bootstrap import open_station
    from app.bundle import write_bundle

    try:
        station = open_station(folder, settings)
    except GatehouseError:
        return write_bundle(path, folder, settings, checks, None)
    try:
        return write_bundle(path, folder, settings, checks, station)
    finally:
        station.close()


@verb
def show_metrics(
    out: Annotated[Path | None, typer.Option("--out", help="Write a file, for a textfile collector")] = None,
    listen: Annotated[
        str | None,
        typer.Option("--listen", help="Serve /metrics and /health on PORT or HOST:PORT until Ctrl+C"),
    ] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Figures for monitoring as OpenMetrics text; no names, no codes."""
    from app import metrics
    from app.metrics_server import MetricsServer

    if out is not None and listen is not None:
        raise typer.BadParameter("--out or --listen, not both")
    with station_at(data, lang, as_json=as_json) as (station, console):
        if listen is None:
            families = metrics.collect(station)
            text = metrics.render(families)
            if out is not None:
                metrics.write(out, text)
                console.answer({"file": str(out), "samples": len(metrics.to_json(families))}, str(out))
            else:
                console.answer({"metrics": metrics.to_json(families)}, text.rstrip("\n"))
            return
        server = MetricsServer(
            listen,
            lambda: metrics.render(metrics.collect(station)),
            lambda: metrics.health_text(station),
        )
        stopping = Stopping()
        server.start()
        host, port = server.address
        console.answer({"host": host, "port": port}, f"http://{host}:{port}/metrics")
        stopping.wait()
        server.stop()


@verb
def show_logs(
    follow: Annotated[bool, typer.Option("--follow", help="Go on as lines are written")] = False,
    level: Annotated[str, typer.Option("--level", help="Least important level shown")] = "info",
    since: Annotated[
        str, typer.Option("--since", help="Only lines since this time (ISO 8601), or of the last 2h, 3d")
    ] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show the structured log, all that is kept of it."""
    from app.log_reading import read_since, records, wanted

    if level not in LEVELS:
        raise typer.BadParameter(f"--level: one of {', '.join(LEVELS)}")
    try:
        begin = read_since(since, SystemClock().now()) if since else None
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"--since {since}: a time such as 2026-12-24T18:40:00+01:00, or 2h"
        ) from None
    console = Console(as_json, language(lang))
    for record in records(data_folder(data), follow=follow):
        if not wanted(record, level, begin):
            continue
        if as_json:
            console.line(record)
            continue
        rest = " ".join(
            f"{key}={value}" for key, value in record.items() if key not in ("timestamp", "level", "event")
        )
        named = str(record.get("level", "info"))
        typer.echo(f"{record.get('timestamp')} {named:8} {record.get('event')} {rest}")
