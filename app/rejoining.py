"""Join again as the same station in its next epoch: after a fork, or when the store was restored or lost.

The old file is kept whole in `former/`, since its journal can never be thrown away. What the hub had not
confirmed is written beside it first, and issued again in the new journal with origin and ids kept, so that a
kill on the way loses nothing and doubles nothing.
"""

from pathlib import Path

from app.imports import export_waiting
from app.store.opening import DATABASE, IDENTITY
from app.store.recovery import WRAP
from app.store.store import StationStore
from domain import waiting_file
from domain.enrolment import EnrolmentFile
from domain.errors import Refusal

FORMER = "former"
WAITING = "waiting.json"


def is_again(store: StationStore, file: EnrolmentFile) -> bool:
    """Whether a file asks this station to begin its next epoch."""
    return store.identity.station == file.station and file.epoch > store.identity.epoch


def set_aside(data: Path, store: StationStore) -> None:
    """Close the store and move it into `former/`, with what the hub did not have."""
    epoch = store.identity.epoch
    target = data / FORMER / f"epoch-{epoch}"
    target.mkdir(parents=True, exist_ok=True)
    try:
        text = export_waiting(store)
    except Refusal:
        text = ""
    if text:
        (target / WAITING).write_text(text, encoding="utf-8")
    store.close()
    for path in (*data.glob(f"{DATABASE}*"), data / IDENTITY, *data.glob(WRAP)):
        path.rename(target / path.name)


def put_back(data: Path) -> None:
    """The hub did not take the new epoch: what was set aside last is the station again."""
    aside = sorted((data / FORMER).glob("epoch-*"), key=lambda path: int(path.name.split("-")[1]))
    if not aside or not (aside[-1] / DATABASE).exists():
        return
    (aside[-1] / WAITING).unlink(missing_ok=True)
    for path in list(aside[-1].iterdir()):
        path.rename(data / path.name)
    aside[-1].rmdir()


def issue_again(data: Path, store: StationStore) -> int:
    """Issue what waited in former epochs in this one; answers how many. Repeating it changes nothing."""
    root = store.root()
    done = 0
    for path in sorted((data / FORMER).glob(f"*/{WAITING}")) if root is not None else ():
        found = waiting_file.read(path.read_text(encoding="utf-8"), root or b"")
        if found.station == store.identity.station:
            done += store.reissue(found.entries)
        path.rename(path.with_suffix(".issued"))
    return done
