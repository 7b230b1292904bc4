"""The same names through the command line: an answer in words, an exit code, never a traceback."""

from tests.cli.conftest import Cli, cli, house  # noqa: F401 - fixtures
from tests.hostile.nasty import NASTY

TYPEABLE = [kind for kind in NASTY if "\x00" not in NASTY[kind] and kind != "surrogate"]
"""What a command line can hold."""


def test_people_with_such_names_are_added_or_refused(house: Cli) -> None:  # noqa: F811
    added = 0
    for number, kind in enumerate(TYPEABLE):
        done = house(
            "user", "add", f"odd{number}", "--name", NASTY[kind], "--role", "cashier", "--pin", "1357"
        )
        assert done.code in (0, 1), (kind, done)
        assert "Traceback" not in done.out + done.err
        assert done.code == 0 or done.error in {"NAME_TOO_LONG", "NAME_EMPTY"}, (kind, done)
        added += done.code == 0
    assert 5 < added < len(TYPEABLE)
    listed = house("user", "list", as_json=False).out
    assert not set(listed) & {"\x1b", "\u202e", "\r", "\u2066"}
    assert len(listed.splitlines()) == added + 1, "one line a person, whatever the name"


def test_the_last_admin_stays(house: Cli) -> None:  # noqa: F811
    assert house("user", "role", "anna", "--role", "cashier").error == "LAST_ADMIN"
    assert house("user", "disable", "anna").error == "LAST_ADMIN"
    assert "admin" in house("user", "list").json["users"][0]["roles"]
