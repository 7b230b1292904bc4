"""Languages of the windows: Qt Linguist catalogues, and a pseudo-locale that shows what a translation does.

English is the language of the source. `gatehouse_<language>.qm` is compiled from the `.ts` in the set-up;
where it is missing it is compiled into a cache folder, and where that fails the window stays English.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import structlog
from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator

from ui.wording.pseudo import LANGUAGE as PSEUDO
from ui.wording.pseudo import pseudo

_LOGGER = "gatehouse.i18n"

LANGUAGES = {"en": "English", "ru": "Русский"}


class PseudoTranslator(QTranslator):
    """Translates everything into longer, accented English."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """Our own strings only (contexts of Qt begin with Q); None means "not translated here"."""
        return None if context.startswith("Q") or not text else pseudo(text)


class Languages(QObject):
    """Switches the language of the application; windows get LanguageChange events from Qt."""

    def __init__(self, app: QCoreApplication, catalogues: Path, cache: Path | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._catalogues, self._cache = catalogues, cache
        self._language = "en"
        self._installed: list[QTranslator] = []

    @property
    def language(self) -> str:
        """`en`, `ru` or `pseudo`."""
        return self._language

    def set(self, language: str) -> None:
        """Switch; a language without a catalogue is English (and a line in the log)."""
        if language == self._language:
            return
        for old in self._installed:
            self._app.removeTranslator(old)
        self._installed = [made for made in self._translators(language) if self._app.installTranslator(made)]
        self._language = language
        QLocale.setDefault(QLocale(language if language in LANGUAGES else "en"))
        if not self._installed:
            QCoreApplication.sendEvent(self._app, QEvent(QEvent.Type.LanguageChange))

    def close(self) -> None:
        """Take the translations off the application again, without telling the windows."""
        for old in self._installed:
            self._app.removeTranslator(old)
        self._installed = []

    def _translators(self, language: str) -> list[QTranslator]:
        if language == PSEUDO:
            return [PseudoTranslator(self)]
        if language == "en":
            return []
        own, qts = QTranslator(self), QTranslator(self)
        qts.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
        compiled = find_catalogue(self._catalogues, language, self._cache)
        if compiled is None or not own.load(str(compiled)):
            structlog.get_logger(_LOGGER).warning("no_catalogue", language=language)
            return []
        return [qts, own]


def find_catalogue(folder: Path, language: str, cache: Path | None) -> Path | None:
    """The compiled catalogue of a language, compiled now if it must and can be; None if not."""
    name = f"gatehouse_{language}"
    source, made = folder / f"{name}.ts", folder / f"{name}.qm"
    if made.exists() and (not source.exists() or made.stat().st_mtime >= source.stat().st_mtime):
        return made
    if cache is None or not source.exists():
        return made if made.exists() else None
    target = cache / f"{name}.qm"
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    return target if compile_catalogue(source, target) else None


def compile_catalogue(source: Path, target: Path) -> bool:
    """Run lrelease; False (and a line in the log) when there is none or it fails."""
    tool = lrelease()
    if tool is None:
        structlog.get_logger(_LOGGER).warning("no_lrelease")
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    run = subprocess.run([*tool, str(source), "-qm", str(target)], capture_output=True, check=False)
    if run.returncode:
        structlog.get_logger(_LOGGER).warning("lrelease_failed", code=run.returncode)
    return run.returncode == 0


def lrelease() -> list[str] | None:
    """Command line of the compiler that comes with PySide6, or None."""
    beside = Path(sys.executable).with_name("pyside6-lrelease")
    found = str(beside) if beside.exists() else shutil.which("pyside6-lrelease")
    return [found] if found else None
