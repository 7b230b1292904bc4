"""Where the files that come with the program are: fonts, sounds, icons, help, demo data.

The folder `resources` stands beside the folder `app`, in a source checkout as in an installed package, so one
rule finds it in both.
"""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def resource(*parts: str) -> Path:
    """Path of a file or folder under `resources`, e.g. `resource("fonts", "IBMPlexSans-Bold.ttf")`.

    The path is not checked: whoever opens it says what is missing.
    """
    return _ROOT.joinpath("resources", *parts)
