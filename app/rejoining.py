"""Join again as the same station in its next epoch: after a fork, or when the store was restored or lost.

The old file is kept whole in `former/`, since its journal can never be thrown away. What the hub had not
confirmed is written beside it first, and issued again in the new journal with origin and ids kept, so that a
kill on the way loses nothing and doubles nothing. What is in no journal (documents that the hub has not
confirmed, PINs) is taken out of the old file when the new one is there; a mark beside the old file says that
this is still to be done, and the next start does it where nobody else has.
"""

import json
import os
from pathlib import Path

from app.imports import export_waiting
from app.store.core import StoreCore
from app.store.documents import StoreDocuments
from app.store.keys import KeyStore
from app.store.opening import DATABASE, IDENTITY, installation_of
from app.store.pins import StorePins
from app.store.recovery import WRAP
from app.store.store import StationStore
from domain import waiting_file
from domain.clock import Clock
from domain.enrolment import EnrolmentFile
from domain.errors import Refusal

FORMER = "former"
WAITING = "waiting.json"
CARRY = "carry.json"
"""In the folder of a former epoch: the installation whose documents and PINs the present one has yet to take
over."""


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
    _write_mark(target / CARRY, store.installation)
    store.close()
    for path in (*data.glob(f"{DATABASE}*"), data / IDENTITY, *data.glob(WRAP)):
        path.rename(target / path.name)


def put_back(data: Path) -> None:
    """The hub did not take the new epoch: what was set aside last is the station again."""
    aside = sorted((data / FORMER).glob("epoch-*"), key=lambda path: _epoch_of(path / CARRY))
    if not aside or not (aside[-1] / DATABASE).exists():
        return
    for name in (WAITING, CARRY):
        (aside[-1] / name).unlink(missing_ok=True)
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


def carry_over(data: Path, store: StationStore, keystore: KeyStore, clock: Clock) -> int:
    """Take over documents and PINs of former epochs, the last one first; answers how many files were read.
    Repeating it changes nothing. Raises Fault as opening a store does."""
    marks = sorted((data / FORMER).glob(f"*/{CARRY}"), key=_epoch_of, reverse=True)
    for at, path in enumerate(marks):
        secrets = keystore.read(json.loads(path.read_text(encoding="utf-8"))["installation"])
        if secrets is not None and (path.parent / DATABASE).is_file():
            former = StoreCore(path.parent / DATABASE, secrets.store_key)
            try:
                former.unlock()
                pins, unsent = StorePins(former).verifiers(), StoreDocuments(former, clock).unsent()
            finally:
                former.close()
            if at == 0 and secrets.pins_keyed_with != store.pin_key():
                store.keep_pin_key(secrets.pins_keyed_with)
            store.pins.take_over(pins)
            store.documents.take_over(unsent)
        path.unlink()
    return len(marks)


def former_installations(data: Path) -> list[str]:
    """The installations whose files lie in `former/`: each has keys of its own in the keystore."""
    found = (installation_of(folder) for folder in (data / FORMER).glob("epoch-*"))
    return sorted({each for each in found if each is not None})


def _epoch_of(path: Path) -> int:
    return int(path.parent.name.split("-")[1])


def _write_mark(path: Path, installation: str) -> None:
    """Whole or not at all, and on the disk before the old file is moved."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump({"installation": installation}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
