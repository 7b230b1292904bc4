"""Words of the technician's pages: names of settings, of their values and sources, of journal entries."""

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def setting_label(name: str) -> str:
    """The name of a setting for people; a setting without words is shown by its own name."""
    return {
        "lang": translate("Settings", "Language"),
        "theme": translate("Settings", "Colours"),
        "sound": translate("Settings", "Sounds of the verdicts"),
        "print.folder": translate("Settings", "Folder for PDFs"),
        "print.paper": translate("Settings", "Paper of tickets"),
        "print.printer": translate("Settings", "Printer"),
        "print.after_sale": translate("Settings", "After a sale"),
        "gate.code": translate("Settings", "Gate this station stands at"),
        "gate.lane": translate("Settings", "Lane"),
        "gate.events": translate("Settings", "Events let in here"),
        "gate.unknown": translate("Settings", "Genuine tickets not known here"),
        "gate.early_minutes": translate("Settings", "Let in before doors, minutes"),
        "gate.late_minutes": translate("Settings", "Let in after the start, minutes"),
        "gate.verdict_seconds": translate("Settings", "A verdict stays, seconds"),
        "camera.source": translate("Settings", "Which camera"),
        "scanner.port": translate("Settings", "Serial port"),
        "scanner.baud": translate("Settings", "Speed, baud"),
        "scanner.gap_ms": translate("Settings", "Silence that ends a code, ms"),
        "wedge.gap_ms": translate("Settings", "Longest pause between two keys, ms"),
        "turnstile.port": translate("Settings", "Serial port of the relay"),
        "turnstile.baud": translate("Settings", "Speed, baud"),
        "turnstile.open": translate("Settings", "Bytes that open"),
        "turnstile.close": translate("Settings", "Bytes that close"),
        "turnstile.pulse_ms": translate("Settings", "Stays open, ms"),
    }.get(name, name)


def setting_hint(name: str) -> str:
    """One line that helps to choose; empty where the name says it all."""
    return {
        "lang": translate("Settings", "Of windows and messages."),
        "print.folder": translate("Settings", "Empty: the folder “prints” beside the station's data."),
        "print.printer": translate("Settings", "Empty: the default printer of this computer."),
        "gate.events": translate("Settings", "Codes with commas between them. Empty: all events."),
        "gate.unknown": translate(
            "Settings", "Sold where this gate could not hear of it yet, for instance offline."
        ),
        "gate.early_minutes": translate(
            "Settings", "Counted from the doors, or from the start if none are given."
        ),
        "gate.late_minutes": translate("Settings", "0: until the end of the performance."),
        "camera.source": translate(
            "Settings", "A number, a stream address, or a file for practice. Empty: no camera."
        ),
        "scanner.port": translate("Settings", "Such as COM3 or /dev/ttyACM0. Empty: no serial scanner."),
        "scanner.gap_ms": translate("Settings", "For scanners that send nothing after a code."),
        "wedge.gap_ms": translate(
            "Settings", "Scanners type faster than people. Raise it for a slow scanner."
        ),
        "turnstile.port": translate("Settings", "“simulated” for practice. Empty: no turnstile."),
        "turnstile.open": translate("Settings", "Hexadecimal, from the manual of the relay."),
    }.get(name, "")


def option_label(name: str, value: str) -> str:
    """A value of a choice in words."""
    return {
        ("lang", "auto"): translate("Settings", "As the system"),
        ("lang", "en"): "English",
        ("lang", "ru"): "Русский",
        ("theme", "system"): translate("Settings", "As the system"),
        ("theme", "light"): translate("Settings", "Light"),
        ("theme", "dark"): translate("Settings", "Dark"),
        ("sound", "on"): translate("Settings", "On"),
        ("sound", "off"): translate("Settings", "Off"),
        ("print.after_sale", "save"): translate("Settings", "Save PDFs"),
        ("print.after_sale", "open"): translate("Settings", "Show them"),
        ("print.after_sale", "print"): translate("Settings", "Print them"),
        ("gate.unknown", "admit"): translate("Settings", "Let in and flag"),
        ("gate.unknown", "refuse"): translate("Settings", "Refuse"),
    }.get((name, value), value)


def source_words(source: str) -> str:
    """Where a value comes from."""
    return {
        "default": translate("Settings", "Default"),
        "stored": translate("Settings", "Set here"),
        "flag": translate("Settings", "From the command line"),
        "environment": translate("Settings", "From the environment"),
        ".env": translate("Settings", "From the .env file"),
    }.get(source, source)


def kind_words(kind: str) -> str:
    """A kind of journal entry in words; a kind of a newer program by its own name."""
    return {
        "app_started": translate("JournalKinds", "Program started"),
        "settings_changed": translate("JournalKinds", "Settings changed"),
        "event_created": translate("JournalKinds", "Event created"),
        "event_changed": translate("JournalKinds", "Event changed"),
        "event_published": translate("JournalKinds", "Event published"),
        "event_cancelled": translate("JournalKinds", "Event cancelled"),
        "event_finished": translate("JournalKinds", "Event finished"),
        "performance_created": translate("JournalKinds", "Performance created"),
        "performance_changed": translate("JournalKinds", "Performance changed"),
        "quota_created": translate("JournalKinds", "Quota created"),
        "quota_changed": translate("JournalKinds", "Quota changed"),
        "product_created": translate("JournalKinds", "Product created"),
        "product_changed": translate("JournalKinds", "Product changed"),
        "gate_created": translate("JournalKinds", "Gate created"),
        "gate_changed": translate("JournalKinds", "Gate changed"),
        "user_created": translate("JournalKinds", "Person added"),
        "order_sold": translate("JournalKinds", "Order sold"),
        "ticket_printed": translate("JournalKinds", "Tickets printed"),
        "ticket_reprinted": translate("JournalKinds", "Ticket printed again"),
        "admitted": translate("JournalKinds", "Let in"),
        "exited": translate("JournalKinds", "Let out"),
        "refused": translate("JournalKinds", "Scan refused"),
        "admission_undone": translate("JournalKinds", "Admission taken back"),
        "claim_dropped": translate("JournalKinds", "Claim given up"),
        "gate_opened": translate("JournalKinds", "Turnstile opened"),
        "certificate_issued": translate("JournalKinds", "Certificate issued"),
        "station_revoked": translate("JournalKinds", "Station revoked"),
        "shift_opened": translate("JournalKinds", "Shift opened"),
        "shift_closed": translate("JournalKinds", "Shift closed"),
        "lease_returned": translate("JournalKinds", "Places returned"),
        "conflict_resolved": translate("JournalKinds", "Conflict resolved"),
    }.get(kind, kind)
