"""Writing that survives a crash, and locks between processes.

There is one order: the bytes are synced, then renamed to their name, then the folder is synced. Whoever returns from
here may tell others that the file is kept; whoever is killed before leaves at most a `.tmp-…` file that nobody reads.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import Busy, DiskFault

TEMPORARY = ".tmp-"
BLOCK = 1 << 20


def write(path: Path, data: bytes) -> None:
    """Puts `data` at `path`, whole or not at all; durable on return. Makes the folder if need be."""
    temporary = temporary_beside(path)
    try:
        copy(data, temporary)
        publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def copy(source: bytes | Path, temporary: Path, mode: int = 0o644) -> str:
    """Writes bytes, or a file of any size, to a name nobody reads yet; synced on return. Gives the SHA-256."""
    make_folder(temporary.parent)
    digest = hashlib.sha256()
    with temporary.open("xb") as out, io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            out.write(block)
        os.fchmod(out.fileno(), mode)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def publish(temporary: Path, path: Path) -> None:
    """Gives a synced file or folder its name, replacing the file that had it; durable on return."""
    temporary.replace(path)
    sync(path.parent)


def temporary_beside(path: Path) -> Path:
    """A new name in the same folder that `sweep` will remove, should it be left behind."""
    return path.parent / f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(6)}"


def sync(path: Path) -> None:
    """Forces to the disk what another library wrote to a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def share(path: Path, mode: int) -> None:
    """Gives what was just made these rights, and to the owner of its folder where root made it for a service."""
    path.chmod(mode)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def sweep(folder: Path, older_than_seconds: float = 3600) -> None:
    """Removes what killed writers left in a folder; recent ones may belong to somebody still writing."""
    limit = time.time() - older_than_seconds
    for entry in folder.glob(f"{TEMPORARY}*") if folder.is_dir() else ():
        try:
            if entry.stat().st_mtime > limit:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        except FileNotFoundError:
            continue


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Turns what the system says of a disk into words for the operator, naming the place. Raises DiskFault."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as fault:
        raise told(fault, place) from fault


def told(fault: OSError, place: Path) -> DiskFault:
    """The words for what the system says."""
    if fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        free = free_bytes(place) >> 20
        return DiskFault(
            f"The disk of {place} is full ({free} MB free): {fault.strerror}.",
            "Make room and run again: nothing that had been acknowledged is lost.",
        )
    if fault.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return DiskFault(
            f"{place} may not be written: {fault.strerror}.",
            "See whether the disk became read-only, and to whom the folder belongs; then run again.",
        )
    return DiskFault(
        f"The disk of {place} fails: {fault.strerror or fault}.",
        "Look into the system's log for the disk; what had been acknowledged is kept.",
    )


def free_bytes(place: Path) -> int:
    """Free space where a file or folder lies, or would lie."""
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


@contextmanager
def lock(path: Path, work: str, wait_seconds: float = 0) -> Iterator[None]:
    """Holds a lock that the system lets go of when the process dies.

    Raises Busy if another process still holds it after `wait_seconds`; `work` says what is locked ("the build").
    """
    make_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(descriptor, work, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, work: str, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
                raise Busy(
                    f"Another process ({holder or 'unknown'}) is at {work}.", "Wait until it has finished, or stop it."
                ) from None
        time.sleep(0.02)
