"""Folders of files, on this machine's disk or in an object store that speaks S3."""

import contextlib
import io
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
import obstore.exceptions as errors
import pyarrow as pa
from obstore.store import LocalStore, S3Store

from portal.sources.connectors.base import ConnectorError, Reason, RefusedError, UnreachableError

SECONDS: Final = timedelta(seconds=30)
CONDITIONAL_BYTES: Final = 64 << 20
"""A conditional write goes in one piece through memory; what is larger goes in parts, right after a comparison."""
KNOWN: Final = {"endpoint", "region"}

Store = LocalStore | S3Store


@dataclass(frozen=True)
class File:
    """An object as listed: path below the root, bytes, and the tag that changes with its content."""

    path: str
    size: int
    tag: str


class ChangedError(Exception):
    """Somebody wrote or removed an object since it was read; nothing was written."""


class Reader(io.RawIOBase):
    """An object of the store as pyarrow reads one: ranges, never the whole."""

    def __init__(self, store: Store, path: str) -> None:
        self._inner = obstore.open_reader(store, path)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: Any, /) -> int:
        data = bytes(self._inner.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


class Folders:
    """One root. Opening it does not yet ask the store; a directory must be there when it is first used."""

    def __init__(self, address: str) -> None:
        """Raises ValueError for anything but file:///directory or s3://key:secret@bucket/prefix?endpoint=…&region=…"""
        parts = urlsplit(address)
        self._local = parts.scheme == "file"
        self._options: dict[str, Any] = {}
        if self._local:
            if parts.netloc or not parts.path.startswith("/") or parts.query:
                raise ValueError("file:///directory is expected")
            self._root = unquote(parts.path)
        elif parts.scheme == "s3" and parts.hostname:
            self._root = unquote(parts.path).strip("/")
            self._options = _s3_options(parts)
        else:
            raise ValueError("file:///directory or s3://key:secret@bucket/prefix?endpoint=…&region=… is expected")
        self._store: Store | None = None

    def store(self) -> Store:
        """The opened store. Raises UnreachableError when a local root is not there."""
        if self._store is None:
            if self._local and not Path(self._root).is_dir():
                raise UnreachableError("the directory is not there")
            self._store = LocalStore(self._root) if self._local else S3Store(**self._options)
        return self._store

    def files(self, location: str) -> Iterator[File]:
        """All objects under a location ("" for the root), in the store's order."""
        for chunk in obstore.list(self.store(), prefix=location or None):
            for found in chunk:
                yield File(found["path"], found["size"], found["e_tag"] or "")

    def read(self, file: File) -> Reader:
        """An object's bytes, by ranges."""
        return Reader(self.store(), file.path)

    def lacks(self, folder: str) -> bool:
        """Whether there is surely no such folder at the root; an object store knows none."""
        self.store()
        return self._local and not (Path(self._root) / folder).is_dir()

    def find(self, path: str) -> File | None:
        """The object at a path, if there is one."""
        try:
            found = obstore.head(self.store(), path)
        except (errors.NotFoundError, FileNotFoundError):
            return None
        return File(found["path"], found["size"], found["e_tag"] or "")

    def linked(self, location: str) -> str:
        """The first link on the way to a location, or below it; "" where there is none. Hidden names are passed over.

        What is written to a link takes its place, and the file that it led to stays as it was.
        """
        if not self._local:
            return ""
        top = Path(self._root)
        way = [top.joinpath(*location.split("/")[: count + 1]) for count in range(location.count("/") + 1)]
        below = (Path(here, name) for here, *names in os.walk(way[-1]) for name in chain(*names))
        plain = (it for it in below if not it.name.startswith(("_", ".")))
        return next((str(it.relative_to(top)) for it in chain(way, plain) if it.is_symlink()), "")

    def put(self, path: str, content: IO[bytes], like: str = "") -> None:
        """Write an object, whole or not at all, whatever is there; on a disk with the rights of the file `like`."""
        self.store()
        if self._local and like:
            write_as(Path(self._root, path), content, Path(self._root, like))
        else:
            obstore.put(self.store(), path, content)

    def drop(self, file: File, above: str) -> None:
        """Take a file away, and each folder up to `above` that is empty then. Raises ChangedError as `replace` does."""
        self._unchanged(file)
        self.remove(file.path)
        if not self._local:
            return
        self._forget_checksum(file)
        for folder in Path(self._root, file.path).parents:
            if folder == Path(self._root, above) or any(folder.iterdir()):
                return
            folder.rmdir()

    def remove(self, path: str) -> None:
        """Take an object away."""
        obstore.delete(self.store(), path)

    def close(self, folder: str, mark: str) -> None:
        """Make a folder at the root, with an empty `mark` in it; on a disk nobody but our account may look into it.

        Who may read it in an object store is said there, by the prefix.
        """
        self.store()
        if self._local:
            path = Path(self._root) / folder
            if path.is_symlink() or (path.exists() and not path.is_dir()):
                raise PermissionError(folder)
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(0o700)
        self.put(mark, io.BytesIO(b""))

    def replace(self, file: File, content: IO[bytes], size: int) -> None:
        """Put `content` in the place of `file`, whole or not at all. Raises ChangedError if that has changed."""
        if self._local or size > CONDITIONAL_BYTES:
            self._unchanged(file)
            self.put(file.path, content, like=file.path)
        else:
            obstore.put(self.store(), file.path, content, mode={"e_tag": file.tag}, use_multipart=False)
        if self._local:
            self._forget_checksum(file)

    def _unchanged(self, file: File) -> None:
        if obstore.head(self.store(), file.path)["e_tag"] != file.tag:
            raise ChangedError

    def _forget_checksum(self, file: File) -> None:
        """Hadoop's, beside the file, would call the new content broken."""
        folder, _, name = file.path.rpartition("/")
        with contextlib.suppress(FileNotFoundError):
            obstore.delete(self.store(), f"{folder}/.{name}.crc".lstrip("/"))


def write_as(path: Path, content: IO[bytes], like: Path) -> None:
    """Write a file, whole or not at all, which those may read and write who may `like`.

    Raises PermissionError where that cannot be: its group, at least, must stay.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    found = like.stat()
    part = path.with_name(f"{path.name}#{secrets.randbits(48)}")  # so named nobody lists it
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as made:
            shutil.copyfileobj(content, made)
            made.flush()
            os.fsync(made.fileno())
            _own(made.fileno(), found)
            for name in os.listxattr(like):
                os.setxattr(made.fileno(), name, os.getxattr(like, name))
            os.fchmod(made.fileno(), stat.S_IMODE(found.st_mode))
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _own(made: int, found: os.stat_result) -> None:
    """Give the file its owner; who may not still has to give it its group, by which its owner mostly reads it, too."""
    try:
        os.fchown(made, found.st_uid, found.st_gid)
    except PermissionError:
        os.fchown(made, -1, found.st_gid)


def _s3_options(parts: Any) -> dict[str, Any]:
    query = parse_qs(parts.query, strict_parsing=bool(parts.query))
    if query.keys() - KNOWN:
        raise ValueError(f"only {' and '.join(sorted(KNOWN))} can follow the question mark")
    endpoint = query.get("endpoint", [None])[0]
    options: dict[str, Any] = {
        "bucket": parts.hostname,
        "prefix": unquote(parts.path).strip("/") or None,
        "region": query.get("region", ["us-east-1"])[0],
        "client_options": {
            "timeout": "120s",
            "connect_timeout": "10s",
            "allow_http": str(endpoint).startswith("http:"),
        },
        "retry_config": {"max_retries": 2, "retry_timeout": SECONDS},
    }
    if endpoint:
        options["endpoint"] = endpoint
    if parts.username and parts.password:
        options["access_key_id"], options["secret_access_key"] = unquote(parts.username), unquote(parts.password)
    return options


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn what the store and the file format raise into what it means for the step, without their own texts."""
    try:
        yield
    except (ConnectorError, ChangedError):
        raise
    except (errors.PreconditionError, errors.AlreadyExistsError, errors.NotFoundError, FileNotFoundError) as error:
        raise ChangedError from error
    except (errors.PermissionDeniedError, errors.UnauthenticatedError, PermissionError) as error:
        raise RefusedError(Reason.DENIED) from error
    except errors.NotSupportedError as error:
        raise RefusedError(Reason.STORE_ERROR, "no conditional writes") from error
    except errors.BaseError as error:
        raise UnreachableError(f"the object store did not answer ({type(error).__name__})") from error
    except pa.ArrowException as error:
        raise RefusedError(Reason.TABLE_FORMAT, type(error).__name__) from error
    except OSError as error:
        raise UnreachableError(f"the store did not answer ({type(error).__name__})") from error
