"""A file layer under SQLite that notes every write and every sync, and the disks that a power cut may leave.

The store's own statements, traced while real use cases ran, are executed once more on a plain copy of its
file over this layer. What a disk promises is only this: what was written before a sync of the file is there
after it. Of everything since, any part may be missing, later writes may have arrived before earlier ones, and
the one that was under way may be torn at a sector. (The layer has no shared memory, so the log's index lives
in the process: `locking_mode = EXCLUSIVE`; it is not on the disk in either case.)
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put at an offset; None as bytes: cut the file to `offset`."""

    file: str
    offset: int
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Sync:
    """All writes to the file before this are on the disk."""

    file: str


@dataclass(frozen=True, slots=True)
class Ack:
    """A commit has returned: whoever asked was told. `boundary` counts commits."""

    boundary: int


Step = Write | Sync | Ack


@dataclass
class Recording:
    """What happened on the disk, in order."""

    steps: list[Step] = field(default_factory=list)


class RecordingFile(apsw.VFSFile):
    """Notes what goes through and passes it on."""

    def __init__(self, recording: Recording, vfs: str, name: object, flags: list[int]) -> None:
        super().__init__(vfs, name, flags)  # type: ignore[arg-type]
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._file = Path(path).name
        self._steps = recording.steps

    def xWrite(self, data: bytes, offset: int) -> None:
        self._steps.append(Write(self._file, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._steps.append(Write(self._file, newsize, None))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._steps.append(Sync(self._file))


class RecordingFiles(apsw.VFS):
    """The system's own files, with a recording of what is written to them."""

    def __init__(self, name: str, recording: Recording) -> None:
        self._recording = recording
        self._base = apsw.vfs_names()[0]
        super().__init__(name, self._base)

    def xOpen(self, name: object, flags: list[int]) -> RecordingFile:
        return RecordingFile(self._recording, self._base, name, flags)


class Disk:
    """What is certainly on the disk, and what was written since the last sync of each file."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.sure = {name: bytearray(data) for name, data in files.items()}
        self.unsure: dict[str, list[Write]] = {}
        self.boundary = 0

    def take(self, step: Step) -> None:
        """One more thing happened."""
        match step:
            case Write(file):
                self.unsure.setdefault(file, []).append(step)
            case Sync(file):
                put(self.sure.setdefault(file, bytearray()), self.unsure.pop(file, []))
            case Ack(boundary):
                self.boundary = boundary

    def after_cut(self, chance: random.Random, tries: int) -> Iterator[Mapping[str, bytes]]:
        """Disks that a cut in this moment may leave: nothing unsure, all of it, each one missing or alone for
        small numbers, then parts drawn at random, in any order and with the last one torn."""
        every = [write for writes in self.unsure.values() for write in writes]
        yield self._with([])
        if not every:
            return
        yield self._with(every)
        if len(every) <= 4:
            for index in range(len(every)):
                yield self._with([*every[:index], *every[index + 1 :]])
                yield self._with([every[index]])
        for _ in range(tries):
            part = [write for write in every if chance.random() < 0.6]
            if part and chance.random() < 0.5:
                part[-1] = torn(part[-1], chance)
            if chance.random() < 0.3:
                chance.shuffle(part)
            yield self._with(part)

    def _with(self, writes: Sequence[Write]) -> Mapping[str, bytes]:
        files = {name: bytearray(data) for name, data in self.sure.items()}
        for write in writes:
            put(files.setdefault(write.file, bytearray()), [write])
        return files


def put(image: bytearray, writes: Sequence[Write]) -> None:
    """Carry out writes on the image of a file; a hole reads as zeros."""
    for write in writes:
        if write.data is None:
            del image[write.offset :]
            continue
        end = write.offset + len(write.data)
        image.extend(bytes(max(0, end - len(image))))
        image[write.offset : end] = write.data


def torn(write: Write, chance: random.Random) -> Write:
    """The first sectors of a write."""
    if write.data is None or len(write.data) <= SECTOR:
        return write
    kept = chance.randrange(1, (len(write.data) + SECTOR - 1) // SECTOR) * SECTOR
    return Write(write.file, write.offset, write.data[:kept])
