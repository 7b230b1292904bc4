"""The settings of a station as app.services.settings wants them kept."""

from collections.abc import Mapping, Sequence

from app.settings import Settings


class KeptSettings:
    """Implements app.services.settings.SettingsStore."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def text(self, name: str) -> str:
        """The value in force. Raises Refusal SETTING_UNKNOWN, SETTING_INVALID."""
        return self._settings.text(name)

    def number(self, name: str) -> int:
        """The value of a setting that is a whole number."""
        return self._settings.number(name)

    def store(self, name: str, value: str) -> None:
        """Keep a value. Raises Refusal SETTING_INVALID, SETTING_UNKNOWN, SETTING_SECRET."""
        self._settings.store(name, value)

    def listed(self) -> Sequence[Mapping[str, str]]:
        """Every setting with its value, source, meaning, default and hint."""
        return [
            {
                "name": value.setting.name,
                "value": value.shown,
                "source": value.source,
                "meaning": value.setting.meaning,
                "default": value.setting.default,
                "hint": value.setting.hint,
            }
            for value in self._settings.all()
        ]
