"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from routeopt.errors import FileError, Problem

__all__ = ["check_place", "write_bytes", "write_text"]


def check_place(path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Where a file goes, links followed; looked at before the work that is to go into it.

    FileError if it exists and ``overwrite`` was not asked for, or its folder does not exist. Devices, pipes and sockets
    are always refused: a new file in their place would destroy them."""
    path = Path(path)
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        found = None
    except (OSError, ValueError) as error:
        raise _fail(path, f"cannot be written: {_reason(error)}") from None
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise _fail(path, "is a folder, not a file", "name a file in it")
    place = path.resolve()
    # What a link of the system names need not be there under the name that it gives: /dev/stdout into a pipe.
    if found is not None and not (stat.S_ISREG(found.st_mode) and place.exists()):
        raise _fail(path, "is a device or a pipe, which a file would replace", "name a regular file")
    if not place.parent.exists():
        raise _fail(path, f"there is no folder {path.parent}", "make it first")
    if not place.parent.is_dir():
        raise _fail(path, f"cannot be written: {path.parent} is not a folder")
    if found is not None and not overwrite:
        raise _fail(path, "exists already", "choose another name, or write overwrite=True")
    return place


def write_text(path: str | os.PathLike[str], text: str, overwrite: bool = False) -> Path:
    """Write a text file in UTF-8 so that nobody ever sees half of it; returns its path.

    The text goes to a temporary file in the same folder, which then takes the name. If anything fails, what
    was there before is still there, and nothing else. FileError as `check_place`, or if it cannot be written."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _fail(Path(path), f"cannot be written: {_reason(error)}") from None
    return write_bytes(path, data, overwrite)


def write_bytes(path: str | os.PathLike[str], data: bytes, overwrite: bool = False) -> Path:
    """Write a file of bytes, as `write_text` writes text."""
    path = Path(path)
    place = check_place(path, overwrite)  # a link keeps pointing where it did: what it points to is replaced
    try:
        temporary = place.with_name(f".{place.name[:40]}-{secrets.token_hex(8)}.tmp")
        # Not by tempfile: its files are private, this one is to have the rights of any new file.
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except (OSError, ValueError) as error:
        raise _fail(path, f"cannot be written: {_reason(error)}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            temporary.chmod(place.stat().st_mode & 0o777)
        if overwrite:
            os.replace(temporary, place)
        else:
            _place_new(temporary, place)
    except FileExistsError:
        raise _fail(path, "exists already", "choose another name, or write overwrite=True") from None
    except (OSError, ValueError) as error:
        raise _fail(path, f"cannot be written: {_reason(error)}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def _place_new(temporary: Path, place: Path) -> None:
    """Give the name only if nobody has it, also if somebody else writes at the same moment."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if place.exists():
            raise FileExistsError(place) from None
        os.replace(temporary, place)


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError):  # each Python words this in its own way
        return "its name has a character that no file can have"
    return str(getattr(error, "strerror", None) or error)


def _fail(path: Path, message: str, hint: str = "") -> FileError:
    return FileError(Problem(message, hint=hint, code="file", file=str(path)))
