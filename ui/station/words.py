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
        "gate.unknown_key": translate("Settings", "Tickets of a till not known here"),
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
        ("gate.unknown_key", "admit"): translate("Settings", "Let in and flag"),
        ("gate.unknown_key", "refuse"): translate("Settings", "Refuse"),
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
    return {**_office_kinds(), **_counter_kinds()}.get(kind, kind)


def _office_kinds() -> dict[str, str]:
    """What is made and decided about the house and its people."""
    return {
        "app_started": translate("JournalKinds", "Program started"),
        "clock_stepped": translate("JournalKinds", "Date confirmed by hand"),
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
        "promo_created": translate("JournalKinds", "Promo code created"),
        "promo_changed": translate("JournalKinds", "Promo code changed"),
        "gate_created": translate("JournalKinds", "Gate created"),
        "gate_changed": translate("JournalKinds", "Gate changed"),
        "user_created": translate("JournalKinds", "Person added"),
        "user_changed": translate("JournalKinds", "Roles or access changed"),
        "user_renamed": translate("JournalKinds", "Person renamed"),
        "user_password_set": translate("JournalKinds", "Password set"),
        "user_pin_set": translate("JournalKinds", "PIN set"),
        "user_locked_out": translate("JournalKinds", "Too many wrong PINs"),
        "user_code_issued": translate("JournalKinds", "One-time code given"),
        "user_code_used": translate("JournalKinds", "One-time code used"),
        "role_changed": translate("JournalKinds", "Role changed"),
        "role_asked": translate("JournalKinds", "Role asked for"),
        "role_answered": translate("JournalKinds", "Request for a role answered"),
        "session_started": translate("JournalKinds", "Signed in"),
        "session_ended": translate("JournalKinds", "Session ended"),
        "guest_named": translate("JournalKinds", "Order put under a name"),
        "drawer_opened": translate("JournalKinds", "Drawer opened without a sale"),
        "practice_opened": translate("JournalKinds", "Practice opened"),
        "document_written": translate("JournalKinds", "Personal data kept"),
        "document_erased": translate("JournalKinds", "Personal data erased"),
    }


def _counter_kinds() -> dict[str, str]:
    """What happens at tills and gates, and between stations."""
    return {
        "order_sold": translate("JournalKinds", "Order sold"),
        "order_reserved": translate("JournalKinds", "Places reserved"),
        "reservation_released": translate("JournalKinds", "Reservation given up"),
        "payment_started": translate("JournalKinds", "Payment started"),
        "payment_taken": translate("JournalKinds", "Payment taken"),
        "payment_failed": translate("JournalKinds", "Payment failed"),
        "payment_unknown": translate("JournalKinds", "Payment unclear"),
        "payment_resolved": translate("JournalKinds", "Payment cleared up"),
        "refund_paid": translate("JournalKinds", "Refund paid"),
        "order_voided": translate("JournalKinds", "Order voided"),
        "exchanged": translate("JournalKinds", "Tickets exchanged"),
        "right_released": translate("JournalKinds", "Order rights given up"),
        "right_granted": translate("JournalKinds", "Order right granted"),
        "right_written_off": translate("JournalKinds", "Order rights written off"),
        "value_issued": translate("JournalKinds", "Gift card issued"),
        "value_spent": translate("JournalKinds", "Gift card used"),
        "value_returned": translate("JournalKinds", "Gift card refilled"),
        "value_granted": translate("JournalKinds", "Gift card reserved"),
        "value_written_off": translate("JournalKinds", "Gift card reserve written off"),
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
        "lease_granted": translate("JournalKinds", "Places reserved for a till"),
        "lease_reclaimed": translate("JournalKinds", "Places taken back"),
        "fork_noted": translate("JournalKinds", "Copied data folder found"),
        "recovery_written_off": translate("JournalKinds", "Lost entries written off"),
        "lease_returned": translate("JournalKinds", "Places returned"),
        "conflict_resolved": translate("JournalKinds", "Conflict resolved"),
    }


def check_words(name: str) -> str:
    """A check of readiness in words."""
    return {
        "hub": translate("Health", "Hub"),
        "data age": translate("Health", "Age of the data"),
        "places": translate("Health", "Places here"),
        "clock": translate("Health", "Clock"),
        "disk": translate("Health", "Disk"),
        "backup": translate("Health", "Backup"),
        "print queue": translate("Health", "Print queue"),
        "printer": translate("Health", "Printer"),
        "camera": translate("Health", "Camera"),
        "scanner": translate("Health", "Serial scanner"),
        "turnstile": translate("Health", "Turnstile"),
        "sound": translate("Health", "Sound"),
        "certificate": translate("Health", "Certificate"),
        "root key": translate("Health", "Root key"),
        "recovery key": translate("Health", "Recovery key"),
        "keystore": translate("Health", "Keystore"),
        "restored": translate("Health", "Restored from a backup"),
    }.get(name, name)
