"""Saving prints: whole files or none, under names that every system takes."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.printing.files import MAX_NAME_BYTES, safe_name, save_file
from app.printing.renderer import FolderSink
from domain.errors import Fault


def test_a_saved_file_is_whole_and_alone_in_its_folder(tmp_path: Path) -> None:
    path = save_file(b"%PDF", tmp_path / "new" / "folder", "K1-000042.pdf")
    assert path.read_bytes() == b"%PDF"
    assert [file.name for file in path.parent.iterdir()] == ["K1-000042.pdf"]


def test_saving_again_replaces_the_older_file(tmp_path: Path) -> None:
    save_file(b"old", tmp_path, "a.pdf")
    assert save_file(b"new", tmp_path, "a.pdf").read_bytes() == b"new"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_name_that_cannot_be_replaced_gives_the_new_file_a_number(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").mkdir()
    path = save_file(b"new", tmp_path, "a.pdf")
    assert path.name == "a-2.pdf"
    assert path.read_bytes() == b"new"


def test_a_folder_that_cannot_be_written_is_a_plain_fault(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(Fault) as fault:
        save_file(b"data", blocked / "inside", "a.pdf")
    assert fault.value.code == "PRINT_FOLDER_NOT_WRITABLE"
    assert fault.value.params["folder"] == str(blocked / "inside")
    assert fault.value.params["reason"] == "ENOTDIR"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_plain_fault(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Fault) as fault:
        save_file(b"data", tmp_path, "a.pdf")
    tmp_path.chmod(0o700)
    assert fault.value.code == "PRINT_FOLDER_NOT_WRITABLE"


def test_a_full_disk_leaves_the_old_file_and_no_half_of_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file(b"old", tmp_path, "a.pdf")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Fault) as fault:
        save_file(b"new" * 1000, tmp_path, "a.pdf")
    assert fault.value.code == "DISK_FULL"
    assert fault.value.params == {"folder": str(tmp_path), "bytes": 3000}
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.pdf", b"old")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("K1-000042", "K1-000042.pdf"),
        ("Ёж & К°/2", "Ёж-К-2.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ("CON", "_CON.pdf"),
        ("lpt1.txt", "_lpt1.txt.pdf"),
        ("", "print.pdf"),
        ("...", "print.pdf"),
    ],
)
def test_names_become_safe(text: str, name: str) -> None:
    assert safe_name(text) == name


@given(st.text(max_size=400))
def test_any_text_gives_a_name_that_every_system_takes(text: str) -> None:
    name = safe_name(text)
    assert name.endswith(".pdf")
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert not name.startswith((".", "-"))
    assert not set(name) & set('/\\:*?"<>| \0\n')


def test_the_sink_saves_where_it_is_told_or_in_its_own_folder(tmp_path: Path) -> None:
    sink = FolderSink(tmp_path / "usual")
    assert sink.save("K1-000001-tickets.pdf", b"1") == str(tmp_path / "usual" / "K1-000001-tickets.pdf")
    assert sink.save("../K1.pdf", b"2", str(tmp_path / "other")) == str(tmp_path / "other" / "K1.pdf")
