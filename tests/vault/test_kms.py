"""One contract for every key management back end (C03)."""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from portal.core.config import ConfigError, Settings
from tests.vault import transit
from tests.vault.transit import TOKEN, Engine
from vault.kms.base import (
    EpochDestroyedError,
    EpochDisabledError,
    Kms,
    KmsError,
    KmsRefusedError,
    KmsUnavailableError,
    Wrapped,
)
from vault.kms.choose import from_settings
from vault.kms.files import FileKms
from vault.kms.transit import TransitKms

SECRET, CONTEXT = b"k" * 32, b'{"employee":"amira"}'


class Backend(Protocol):
    """A back end as its operator sees it."""

    kms: Kms

    def disable_before(self, epoch: int) -> None: ...
    def enable_again(self) -> None: ...
    def hanging(self) -> AbstractContextManager[None]: ...


class Files:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.kms: Kms = FileKms(directory, timeout_s=0.3)

    def disable_before(self, epoch: int) -> None:
        for number in range(1, epoch):
            path = self.directory / f"epoch-{number:06}.key"
            path.rename(f"{path}.disabled")

    def enable_again(self) -> None:
        for path in self.directory.glob("*.disabled"):
            path.rename(path.with_suffix(""))

    @contextmanager
    def hanging(self) -> Iterator[None]:
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Transit:
    def __init__(self, engine: Engine, address: str) -> None:
        self.engine = engine
        self.kms: Kms = TransitKms(address, TOKEN, timeout_s=0.3)

    def disable_before(self, epoch: int) -> None:
        self.engine.min_decryption = epoch

    def enable_again(self) -> None:
        self.engine.min_decryption = 1

    @contextmanager
    def hanging(self) -> Iterator[None]:
        self.engine.delay_s = 1.0
        yield
        self.engine.delay_s = 0.0


@pytest.fixture(params=["file", "vault-transit"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    if request.param == "file":
        yield Files(tmp_path / "kms")
    else:
        with transit.running() as (engine, address):
            yield Transit(engine, address)


def test_C03_what_is_wrapped_unwraps_in_its_context_only(backend: Backend) -> None:
    wrapped = backend.kms.wrap(SECRET, CONTEXT)
    assert backend.kms.unwrap(wrapped, CONTEXT) == SECRET
    assert SECRET not in wrapped.ciphertext
    assert backend.kms.wrap(SECRET, CONTEXT).ciphertext != wrapped.ciphertext
    for other in (b"", CONTEXT + b" ", b'{"employee":"ben"}'):
        with pytest.raises(KmsRefusedError):
            backend.kms.unwrap(wrapped, other)


def test_C03_a_changed_ciphertext_is_refused(backend: Backend) -> None:
    wrapped = backend.kms.wrap(SECRET, CONTEXT)
    for changed in (b"", wrapped.ciphertext[:-8], bytes([wrapped.ciphertext[0] ^ 1]) + wrapped.ciphertext[1:]):
        with pytest.raises(KmsRefusedError):
            backend.kms.unwrap(Wrapped(wrapped.epoch, changed), CONTEXT)
    with pytest.raises(KmsRefusedError):
        backend.kms.unwrap(Wrapped(wrapped.epoch + 1, wrapped.ciphertext), CONTEXT)


def test_C03_an_older_epoch_still_unwraps_after_a_rotation(backend: Backend) -> None:
    old = backend.kms.wrap(SECRET, CONTEXT)
    epoch = backend.kms.rotate()
    assert (backend.kms.current(), epoch.number) == (epoch, old.epoch + 1)
    assert abs(epoch.created - datetime.now(UTC)) < timedelta(minutes=1)
    assert backend.kms.wrap(SECRET, CONTEXT).epoch == epoch.number
    assert backend.kms.unwrap(old, CONTEXT) == SECRET


def test_C03_a_destroyed_epoch_never_opens_again(backend: Backend) -> None:
    old = backend.kms.wrap(SECRET, CONTEXT)
    epoch = backend.kms.rotate().number
    new = backend.kms.wrap(SECRET, CONTEXT)
    backend.kms.destroy_before(epoch)
    with pytest.raises(EpochDestroyedError):
        backend.kms.unwrap(old, CONTEXT)
    backend.enable_again()
    with pytest.raises((EpochDestroyedError, KmsRefusedError)):
        backend.kms.unwrap(old, CONTEXT)
    assert backend.kms.unwrap(new, CONTEXT) == SECRET


def test_C03_the_current_epoch_is_never_destroyed(backend: Backend) -> None:
    wrapped = backend.kms.wrap(SECRET, CONTEXT)
    with pytest.raises(KmsRefusedError):
        backend.kms.destroy_before(wrapped.epoch + 1)
    assert backend.kms.unwrap(wrapped, CONTEXT) == SECRET


def test_C03_a_disabled_epoch_opens_only_when_enabled_again(backend: Backend) -> None:
    old = backend.kms.wrap(SECRET, CONTEXT)
    backend.disable_before(backend.kms.rotate().number)
    with pytest.raises(EpochDisabledError):
        backend.kms.unwrap(old, CONTEXT)
    backend.enable_again()
    assert backend.kms.unwrap(old, CONTEXT) == SECRET


def test_C03_one_that_hangs_is_given_up(backend: Backend) -> None:
    wrapped = backend.kms.wrap(SECRET, CONTEXT)
    started = time.monotonic()
    with backend.hanging():
        for call in (
            lambda: backend.kms.unwrap(wrapped, CONTEXT),
            lambda: backend.kms.wrap(SECRET, CONTEXT),
            backend.kms.rotate,
            backend.kms.current,
        ):
            with pytest.raises(KmsUnavailableError):
                call()
    assert time.monotonic() - started < 10
    assert backend.kms.unwrap(wrapped, CONTEXT) == SECRET


def test_C03_no_error_holds_secret_or_context(backend: Backend) -> None:
    wrapped = backend.kms.wrap(SECRET, CONTEXT)
    with pytest.raises(KmsError) as caught:
        backend.kms.unwrap(wrapped, b"someone else")
    assert all(word not in str(caught.value) for word in ("kkkk", "amira", "someone", TOKEN, "vault:v"))


def test_file_keys_are_private_and_others_are_refused(tmp_path: Path) -> None:
    kms = FileKms(tmp_path / "kms")
    wrapped = kms.wrap(SECRET, CONTEXT)
    path = tmp_path / "kms" / "epoch-000001.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o640)
    with pytest.raises(KmsError, match="private"):
        kms.unwrap(wrapped, CONTEXT)
    path.parent.chmod(0o755)
    with pytest.raises(KmsError, match="private"):
        FileKms(tmp_path / "kms")


def test_a_key_file_of_another_length_is_refused(tmp_path: Path) -> None:
    kms = FileKms(tmp_path / "kms")
    wrapped = kms.wrap(SECRET, CONTEXT)
    os.truncate(tmp_path / "kms" / "epoch-000001.key", 16)
    with pytest.raises(KmsError, match="32 bytes"):
        kms.unwrap(wrapped, CONTEXT)


@pytest.mark.parametrize("token", ["", "another"])
def test_the_transit_engine_refuses_another_token(token: str) -> None:
    with transit.running() as (_, address), pytest.raises(KmsRefusedError, match="403"):
        TransitKms(address, token).wrap(SECRET, CONTEXT)


def test_a_sealed_transit_engine_is_a_matter_of_time() -> None:
    with transit.running() as (engine, address):
        engine.broken = True
        with pytest.raises(KmsUnavailableError):
            TransitKms(address, TOKEN).wrap(SECRET, CONTEXT)
    with pytest.raises(KmsUnavailableError):
        TransitKms(address, TOKEN).wrap(SECRET, CONTEXT)


def test_the_transit_engine_is_reached_by_https_or_on_this_machine() -> None:
    with pytest.raises(KmsError, match="https"):
        TransitKms("http://vault.example:8200/employees", TOKEN)
    with pytest.raises(KmsError, match="name of a key"):
        TransitKms("https://vault.example:8200", TOKEN)


def test_the_setting_chooses_the_back_end(tmp_path: Path) -> None:
    assert isinstance(from_settings(Settings.from_env({"PORTAL_KMS": f"file:{tmp_path / 'kms'}"})), FileKms)
    address = {"PORTAL_KMS": "vault-transit:https://vault.example:8200/mount/employees"}
    assert isinstance(from_settings(Settings.from_env(address | {"PORTAL_KMS_TOKEN": TOKEN})), TransitKms)
    with pytest.raises(ConfigError, match="PORTAL_KMS_TOKEN"):
        from_settings(Settings.from_env(address))
