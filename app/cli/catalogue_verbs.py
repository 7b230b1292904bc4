"""`gatehouse catalogue`: import, export, list."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from app.catalogue_files import read_catalogue
from app.cli import shapes
from app.cli.console import DataOption, JsonOption, LangOption, sign_in, station_at, verb
from app.formats import format_datetime, format_money, format_rate
from app.services.access import require
from app.services.catalogue_rows import CatalogueFile
from app.services.offers import left_in
from app.services.ports import Reads
from domain.actor import Permission
from domain.catalogue import Event, Product, localized
from domain.catalogue_fields import to_fields
from domain.clock import to_text
from domain.leases import Instant
from domain.money import Money
from domain.promo import Promo


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    group = typer.Typer(help="Events, performances, products and quotas", no_args_is_help=True)
    group.command("import")(import_file)
    group.command("export")(export)
    group.command("list")(listing)
    root.add_typer(group, name="catalogue")


@verb
def import_file(
    file: Annotated[Path, typer.Argument(help="YAML, JSON or CSV")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Import a catalogue file: all of it, or, where a row is wrong, nothing."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        actor = sign_in(station, console)
        rows = read_catalogue(file)
        people_aside = CatalogueFile(rows.organization, {**rows.lists, "users": []})
        result = station.import_catalogue(people_aside, actor)
        with station.store.read() as read:
            at = Instant.of(station.services.clock)
            events = [_event(read, event, at) for event in read.events() if event.code in result.events]
        console.answer(
            {
                "created": result.created,
                "changed": result.changed,
                "customers": result.customers,
                "events": events,
            },
            f"created {result.created}, changed {result.changed}",
        )


@verb
def export(
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else standard output")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write the catalogue as it stands, as YAML (or JSON with --json)."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        require(sign_in(station, console), Permission.CHECK)
        with station.store.read() as read:
            document = {"events": [_whole(read, event) for event in read.events()]}
        if as_json:
            text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        else:
            text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        if out is None:
            typer.echo(text, nl=False)
        else:
            station.files.save(out.name, text.encode(), str(out.parent))


@verb
def listing(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """List events, performances and products with the places left."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        require(sign_in(station, console), Permission.CHECK)
        lines: list[str] = []
        with station.store.read() as read:
            events = [_event(read, event, Instant.of(station.services.clock)) for event in read.events()]
            for event in read.events():
                lines.extend(_lines(read, event, console.lang))
        console.answer({"events": events}, *lines)


def _lines(read: Reads, event: Event, lang: str) -> list[str]:
    lines = [f"{event.code}  {localized(event.name, event.name_ru, lang)}  [{event.state.value}]"]
    lines.extend(
        f"  {performance.code}  {format_datetime(performance.starts_at, event.zone, lang)}"
        for performance in read.performances(event.number)
    )
    for product in read.products(event.number):
        name = localized(product.name, product.name_ru, lang)
        lines.append(f"    {product.code}  {name}  {format_money(product.price, lang)}")
    for promo in read.promos(event.number):
        off = Money(promo.amount_minor, promo.currency) if promo.amount_minor else None
        shown = format_money(off, lang) if off is not None else format_rate(promo.percent_bp, lang)
        lines.append(f"    {promo.named(lang)}  −{shown} / {promo.per.value}")
    return lines


def _event(read: Reads, event: Event, at: Instant) -> dict[str, Any]:
    performances = read.performances(event.number)
    products = read.products(event.number)
    return {
        "code": event.code,
        "name": event.name,
        "state": event.state.value,
        "performances": [
            {
                "code": performance.code,
                "starts_at": to_text(performance.starts_at),
                "products": [
                    {**_product(product), "left": read.places(product, performance, at).in_all}
                    for product in products
                    if product.sold_for(performance)
                ],
            }
            for performance in performances
        ],
        "products": [
            {**_product(product), "left": read.places(product, None, at).in_all}
            for product in products
            if not performances
        ],
        "promos": [_promo(read, promo, at) for promo in read.promos(event.number)],
    }


def _promo(read: Reads, promo: Promo, at: Instant) -> dict[str, Any]:
    """What a code takes off; the code itself is nowhere. `left`: uses left in all, null: without limit."""
    quota = read.quotas([promo.pool]).get(promo.pool) if promo.pool is not None else None
    return {
        "name": promo.name,
        "percent_bp": promo.percent_bp,
        "amount_minor": promo.amount_minor,
        "per": promo.per.value,
        "from_at": to_text(promo.from_at) if promo.from_at else None,
        "until_at": to_text(promo.until_at) if promo.until_at else None,
        "limit": quota.capacity if quota else None,
        "left": left_in(read, {quota.number: quota.capacity}, at)[quota.number].all if quota else None,
    }


def _product(product: Product) -> dict[str, Any]:
    return {"code": product.code, "name": product.name, "price": shapes.money(product.price)}


def _whole(read: Reads, event: Event) -> dict[str, Any]:
    """Everything of an event, with the field names of the journal."""
    products = read.products(event.number)
    numbers = {number for product in products for number in product.quotas}
    limits = {promo.pool for promo in read.promos(event.number) if promo.pool is not None}
    quotas = read.quotas(sorted(numbers | limits))
    return {
        "number": event.number,
        "state": event.state.value,
        **to_fields(event),
        "performances": [
            {"number": performance.number, **to_fields(performance)}
            for performance in read.performances(event.number)
        ],
        "quotas": [{"number": quota.number, **to_fields(quota)} for quota in quotas.values()],
        "products": [{"number": product.number, **to_fields(product)} for product in products],
        "promos": [{"number": promo.number, **to_fields(promo)} for promo in read.promos(event.number)],
    }
