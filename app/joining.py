"""A station that began alone joins a hub with its whole history.

It says who it is in a file without secrets (`request`), the administrator makes an enrolment file out of it,
and with that (`join_hub`) the station keeps its number, its keys and its journal, from the first entry on.
What it owned by itself is leased from the hub afterwards; the tickets it sold are counted there.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.store.store import StationStore
from domain import joining
from domain.certificates import parse_chain
from domain.enrolment import EnrolmentFile
from domain.entry import Entry
from domain.errors import Fault, Refusal
from domain.ids import RandomBytes
from domain.joining import JoinRequest
from sync.enrolment import Enrolled, Joining, join, prepare
from sync.hub_client import HubClient
from sync.messages import Denied

JOINING = "joining"
HUB_DSN = "hub_dsn"
BATCH = 200
BATCH_BYTES = 256 * 1024


def refuse_practice(store: StationStore) -> None:
    """A practice venue joins no hub and is certified by nobody. Closes the store and raises Refusal
    PRACTICE_STANDS_ALONE."""
    with store.read() as read:
        practising = read.station().practice
    if practising:
        store.close()
        raise Refusal("PRACTICE_STANDS_ALONE")


def request(store: StationStore) -> str:
    """The text of the file for the administrator. Raises Refusal JOINED_ALREADY, PRACTICE_STANDS_ALONE."""
    refuse_practice(store)
    with store.read() as read:
        station = read.station()
    if station.has_hub:
        raise Refusal("JOINED_ALREADY")
    epochs = tuple(store.history.epochs())
    asked = JoinRequest(station.station, station.name, station.prefix, store.root(), epochs)
    return joining.write(asked, store.signing_key)


def is_lone(store: StationStore, file: EnrolmentFile) -> bool:
    """Whether a file invites this very station with its journal, and it has not joined yet."""
    same = (store.identity.station, store.identity.epoch) == (file.station, file.epoch)
    return file.joins and same and store.local_setting(HUB_DSN) is None


def join_hub(
    store: StationStore, file: EnrolmentFile, ca_file: Path, now: datetime, random_bytes: RandomBytes
) -> Enrolled:
    """Enrol with the journal, and bring its former epochs; the present one follows with the next sync.

    May be repeated with the same file after a lost answer or a kill. When the hub says no, the station is as
    it was. Raises Refusal ENROLMENT_…, JOINING_COLLISION; Fault HUB_….
    """
    made = _begun(store, file)
    if made is None:
        made = prepare(file, now, random_bytes, store.signing_key.seed())
        store.set_hub_password(made.password)
        store.set_local_setting(JOINING, json.dumps([link.to_json() for link in made.chain]))
    announced = store.history.announced()
    try:
        return join(file, made, ca_file, announced, lambda client: _bring_former(client, store))
    except Refusal as refusal:
        if refusal.code != "ENROLMENT_USED":  # by ourselves, perhaps: what was begun is kept
            store.set_local_setting(JOINING, None)
            store.set_hub_password(None)
            ca_file.unlink(missing_ok=True)
        raise


def _begun(store: StationStore, file: EnrolmentFile) -> Joining | None:
    """What was made with this very file before, and whose answer was lost."""
    kept = store.local_setting(JOINING)
    chain = parse_chain(json.loads(kept)) if kept is not None else ()
    if not chain or chain[0].text != file.certificate.text:
        return None
    return Joining(store.signing_key.seed(), store.hub_password() or "", chain)


def _bring_former(client: HubClient, store: StationStore) -> None:
    """All epochs before the present one, in order."""
    for entries in _former_batches(store):
        answer = client.bring_history(entries)
        if isinstance(answer, Denied):
            raise Fault("HUB_REFUSED", why=answer.code)


def _former_batches(store: StationStore) -> Iterator[list[Entry]]:
    for former in store.history.epochs()[:-1]:
        after = 0
        while after < former.seq:
            batch = store.history.batch(former.epoch, after, BATCH, BATCH_BYTES)
            yield batch
            after = batch[-1].seq
