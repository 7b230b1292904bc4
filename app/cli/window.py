"""`gatehouse open`: the window of this station, the first-run screen where there is none yet."""

import locale
import os
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QLocale, QTimeZone
from PySide6.QtWidgets import QApplication

from app import metrics
from app.bootstrap import Station, create_station, discard_station, enrol_station, open_station
from app.cli.console import language
from app.cli.demo_world import add_demo_people, demo_hint, demo_rows
from app.cli.enrol_verbs import invitation_text, prefix_from
from app.clock import SystemClock
from app.invitations import EnrolCamera
from app.metrics_server import MetricsServer
from app.paths import resource
from app.practice_station import hint as practice_hint
from app.services.catalogue_rows import CatalogueFile, Row
from app.services.facade import DeviceStatus, Frame, ScannedText
from app.services.invitations import Invitation, look_at
from app.settings import Settings
from app.store.opening import store_exists
from devices.keyboard_layouts import LayoutRepair, Platform
from devices.wedge import KeyEvent, Modifiers, WedgeRecogniser, WedgeRules
from domain.actor import SYSTEM, Role
from domain.errors import GatehouseError, Refusal
from domain.money import exponent
from ui.application import Desk, Folders
from ui.collector import GuiCollector, keep_what_stays
from ui.first_run.presenter import NewVenue
from ui.start import FirstRunWindow, TroubleWindow

FOLDERS = Folders(help=resource("help"), sounds=resource("sounds"), catalogues=resource("i18n"))
WINDOW = (1280, 800)
FOUNDER = [Role.ADMIN, Role.ORGANIZER, Role.SUPERVISOR]
"""What the first person of a new venue may do: everything, until there are others."""


class FirstRunService:
    """ui.first_run.presenter.FirstRun over the composition root."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._camera = EnrolCamera(settings, SystemClock())

    def start_demo(self) -> None:
        """A station by itself with demo data and the demo people."""
        rows = demo_rows()
        station = create_station(self._folder, self._settings, "Demo", "D1")
        try:
            add_demo_people(station, rows)
            station.import_catalogue(rows_without_people(rows), SYSTEM)
        except GatehouseError:
            discard_station(station)
            raise
        station.close()

    def make_venue(self, venue: NewVenue) -> None:
        """A new organization with this station and its first person."""
        exponent(venue.currency)
        _check_zone(venue.zone)
        if not (venue.pin.isascii() and venue.pin.isdigit() and 4 <= len(venue.pin) <= 12):
            raise Refusal("PIN_UNFIT", least=4, most=12)
        station = create_station(self._folder, self._settings, venue.station, prefix_from(venue.station))
        try:
            values = {"name": venue.organization, "currency": venue.currency, "zone": venue.zone}
            organization = CatalogueFile(
                Row("", 1, values), {"gates": [], "events": [], "users": [], "customers": []}
            )
            station.import_catalogue(organization, SYSTEM)
            station.services.add_user(venue.login, venue.admin_name, FOUNDER, venue.pin, SYSTEM)
        except GatehouseError:
            discard_station(station)
            raise
        station.close()

    def look_at_file(self, file: Path) -> Invitation:
        """What an enrolment file, or a picture of its codes, would make of this machine."""
        return self.look_at(invitation_text([file]))

    def look_at(self, text: str) -> Invitation:
        """The same for the text itself."""
        return look_at(text, SystemClock().now())

    def join(self, invitation: Invitation) -> None:
        """Join a hub with an enrolment file."""
        station = enrol_station(self._folder, self._settings, invitation.text)
        try:
            if station.exchange is not None:
                station.exchange.run_once()
        finally:
            station.close()

    def watch(
        self,
        scanned: Callable[[ScannedText], None],
        framed: Callable[[Frame], None],
        changed: Callable[[DeviceStatus], None],
    ) -> None:
        """Look through the camera of this machine."""
        self._camera.start(scanned, framed, changed)

    def unwatch(self) -> None:
        """Let go of it."""
        self._camera.stop()


def run_window(folder: Path, settings: Settings, *, maximized: bool = True) -> int:
    """Show the window until it is closed; answers the exit code."""
    app = make_application()
    collector = GuiCollector(app)
    try:
        return _show(app, folder, settings, maximized=maximized)
    finally:
        collector.stop()


def _show(app: QApplication, folder: Path, settings: Settings, *, maximized: bool) -> int:
    lang = language(None, settings)
    if not store_exists(folder):
        first = FirstRunWindow(
            app, FirstRunService(folder, settings), FOLDERS, language=lang, zone=_system_zone(),
            currency=_system_currency(),
        )  # fmt: skip
        first.show()
        app.exec()
        if not first.finished:
            return 0
    try:
        station = open_station(folder, settings)
    except GatehouseError as error:
        trouble = TroubleWindow(app, error, FOLDERS, language=lang)
        trouble.show()
        app.exec()
        return 3
    try:
        return _run_desk(app, station, lang, maximized=maximized)
    finally:
        station.close()


def make_application() -> QApplication:
    """The one QApplication of this process."""
    os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")  # it lists every codec it lacks
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Gatehouse")
    app.setDesktopFileName("gatehouse")
    return app


def open_desk(app: QApplication, station: Station, lang: str) -> Desk:
    """The window of a station, not shown yet."""
    rules = WedgeRules(key_gap_ms=station.settings.number("wedge.gap_ms"))
    wedge = WedgeRecogniser(rules, LayoutRepair(platform=_key_codes()))
    return Desk(
        app,
        station.services,
        FOLDERS,
        language=lang,
        wedge=wedge,
        make_key=_key_event,
        hint=demo_hint(station) or practice_hint(station, lang),
    )


def _key_event(
    *,
    text: str,
    at_ms: int,
    key: int,
    native: int | None,
    modifiers: int,
    pressed: bool,
    auto_repeat: bool,
    payload: object,
) -> KeyEvent:
    """A key as the recogniser wants it."""
    return KeyEvent(text, at_ms, key, native, Modifiers(modifiers), pressed, auto_repeat, payload)


def _key_codes() -> Platform:
    """Whose key codes the window system reports."""
    return {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}.get(sys.platform, Platform.EVDEV)


def rows_without_people(rows: CatalogueFile) -> CatalogueFile:
    """A catalogue file as the import takes it: people come another way."""
    return CatalogueFile(rows.organization, {**rows.lists, "users": []})


def _run_desk(app: QApplication, station: Station, lang: str, *, maximized: bool) -> int:
    desk = open_desk(app, station, lang)
    server = metrics_server(station, desk)
    station.note_start()
    station.start_sync()
    desk.show_sign_in()
    desk.window.resize(*WINDOW)
    if maximized:
        desk.window.showMaximized()
    else:
        desk.window.show()
    keep_what_stays()
    code = app.exec()
    desk.close()
    if server is not None:
        server.stop()
    return code


def metrics_server(station: Station, desk: Desk) -> MetricsServer | None:
    """Serve figures where the settings ask for it; a port that is taken costs the figures, not the window."""
    if not (address := station.settings.text("metrics.listen")):
        return None
    try:
        server = MetricsServer(
            address,
            lambda: metrics.render(metrics.collect(station)),
            lambda: metrics.health_text(station),
        )
    except GatehouseError as error:
        desk.session.raise_fault("metrics", error)
        return None
    server.start()
    return server


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refusal("ZONE_UNKNOWN", zone=name) from None


def _system_zone() -> str:
    """The time zone of this machine, as a proposal."""
    name = bytes(QTimeZone.systemTimeZoneId().data()).decode()
    try:
        _check_zone(name)
    except Refusal:
        return "UTC"
    return name


def _system_currency() -> str:
    """The currency of this machine's locale, as a proposal."""
    code = QLocale.system().currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
    return code or str(locale.localeconv()["int_curr_symbol"]).strip() or "EUR"
