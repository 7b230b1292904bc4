"""All verbs put together."""

from collections.abc import Sequence

import typer
from typer.main import get_command

from app.cli import (
    afterwards_verbs,
    audit_verbs,
    catalogue_verbs,
    conflict_verbs,
    exchange_verbs,
    gate_verbs,
    hub_verbs,
    keys_verbs,
    operation_verbs,
    payment_verbs,
    practice_verbs,
    privacy_verbs,
    sale_verbs,
    session_verbs,
    show_verbs,
    station_verbs,
    user_verbs,
)


def program() -> typer.Typer:
    """The typer application with every verb."""
    root = typer.Typer(
        name="gatehouse",
        help="Box office and turnstile: sell tickets, print them, admit people; works offline.",
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for module in (
        show_verbs,
        station_verbs,
        catalogue_verbs,
        sale_verbs,
        afterwards_verbs,
        exchange_verbs,
        gate_verbs,
        conflict_verbs,
        session_verbs,
        audit_verbs,
        hub_verbs,
        keys_verbs,
        operation_verbs,
        payment_verbs,
        practice_verbs,
        privacy_verbs,
        user_verbs,
    ):
        module.add_to(root)
    return root


def run(arguments: Sequence[str]) -> int:
    """Run one command; answers the exit code. Without a verb the window opens."""
    command = get_command(program())
    words = list(arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("--help", "-h")):
        words.insert(0, "open")
    try:
        command.main(args=words, prog_name="gatehouse")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    return 0
