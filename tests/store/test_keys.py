"""The keystore: one record per installation, whole or not at all."""

from pathlib import Path

import keyring.backend
import keyring.backends.fail
import pytest
from keyring.errors import KeyringError, PasswordDeleteError

from app.store import keys
from app.store.keys import FileKeyStore, KeyStore, Secrets, SystemKeyStore, default_keystore
from domain.errors import Fault

SECRETS = Secrets("abc123", "/somewhere", bytes(32), bytes(range(32)), "hub password")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keystore of a system, in memory."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


class LockedKeyring(keyring.backend.KeyringBackend):
    """A keystore whose owner does not unlock it."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringError

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringError

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringError


@pytest.fixture(params=["file", "system"])
def keystore(request: pytest.FixtureRequest, tmp_path: Path) -> KeyStore:
    return FileKeyStore(tmp_path / "keys") if request.param == "file" else SystemKeyStore(MemoryKeyring())


def test_a_record_is_read_back_as_it_was_written(keystore: KeyStore) -> None:
    assert keystore.read("abc123") is None
    keystore.write(SECRETS)
    assert keystore.read("abc123") == SECRETS


def test_writing_again_replaces_and_forgetting_twice_is_no_error(keystore: KeyStore) -> None:
    keystore.write(SECRETS)
    keys.set_hub_password(keystore, "abc123", None)
    read = keystore.read("abc123")
    assert read is not None
    assert read.hub_password is None
    keystore.forget("abc123")
    keystore.forget("abc123")
    assert keystore.read("abc123") is None
    with pytest.raises(Fault) as caught:
        keys.set_hub_password(keystore, "abc123", "x")
    assert caught.value.code == "STORE_KEY_MISSING"


def test_secrets_are_not_shown() -> None:
    assert "hub password" not in repr(SECRETS)
    assert bytes(range(32)).hex() not in repr(SECRETS)


@pytest.mark.parametrize("text", ["", "{}", "[]", SECRETS.to_text().replace("00", "0")])
def test_a_damaged_record_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "abc123.json").write_text(text)
    with pytest.raises(Fault) as caught:
        FileKeyStore(tmp_path).read("abc123")
    assert caught.value.code == "KEYSTORE_DAMAGED"


def test_a_keystore_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    locked: list[KeyStore] = [SystemKeyStore(LockedKeyring()), FileKeyStore(tmp_path / "file")]
    for keystore in locked:
        with pytest.raises(Fault) as caught:
            keystore.write(SECRETS)
        assert caught.value.code == "KEYSTORE_UNAVAILABLE"
    with pytest.raises(Fault):
        SystemKeyStore(LockedKeyring()).read("abc123")
    with pytest.raises(Fault):
        SystemKeyStore(LockedKeyring()).forget("abc123")
    (tmp_path / "abc123.json").mkdir()
    with pytest.raises(Fault):
        FileKeyStore(tmp_path).read("abc123")


def test_an_installation_cannot_name_a_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        FileKeyStore(tmp_path).read("../other")


def test_the_folder_that_the_environment_names_comes_first(tmp_path: Path) -> None:
    keystore = default_keystore({"GATEHOUSE_KEY_DIR": str(tmp_path)})
    assert isinstance(keystore, FileKeyStore)
    assert keystore.folder == tmp_path


def test_a_system_without_a_keystore_gets_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys.keyring, "get_keyring", keyring.backends.fail.Keyring)
    keystore = default_keystore({})
    assert (type(keystore), keystore.where) == (FileKeyStore, "file")


def test_a_real_keystore_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = MemoryKeyring()
    monkeypatch.setattr(MemoryKeyring, "__module__", "keyring.backends.SecretService")
    monkeypatch.setattr(keys.keyring, "get_keyring", lambda: backend)
    keystore = default_keystore({})
    assert (type(keystore), keystore.where) == (SystemKeyStore, "system")


def test_the_record_of_a_new_key_never_overwrites_half(tmp_path: Path) -> None:
    keystore = FileKeyStore(tmp_path)
    keystore.write(SECRETS)
    (tmp_path / "abc123.new").write_text("left over from a kill")
    keystore.write(SECRETS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["abc123.json"]
