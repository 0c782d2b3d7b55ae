"""Appends notifications to a file as lines of JSON, or writes them to standard output.

The file is opened for each line, so it may be rotated at any time. Line by line is all
or nothing: the file is locked while one is written (other relays may write to it), and
what a full disk has cut off is taken back.
"""

import fcntl
import os
import sys
from contextlib import suppress

import anyio

from relay.config.log_targets import STDOUT, FileTarget
from relay.errors import Reason, TransientError
from relay.model import Bundle
from relay.notify.webhook_body import render_body

_MODE = 0o640
"""Records of a security log are not for everybody."""


class FileSender:
    """Writes to one file; the line is the document that a webhook receives."""

    def __init__(self, target: FileTarget) -> None:
        self._path = target.path
        self._syncs = target.fsync

    async def send(self, bundle: Bundle) -> str:
        """Write one line; return how many bytes.

        Raises TransientError when it cannot be written: no space, no permission.
        """
        line = render_body(bundle) + b"\n"
        try:
            await anyio.to_thread.run_sync(self._write, line)
        except OSError as error:
            is_refused = isinstance(error, PermissionError)
            reason = Reason.ACCESS_DENIED if is_refused else Reason.UNAVAILABLE
            message = f"file {self._path}: {error.strerror}"
            raise TransientError(message, reason=reason) from error
        return f"wrote {len(line):,} bytes"

    def _write(self, line: bytes) -> None:
        if self._path == STDOUT:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, _MODE)
        try:
            # Closing the file gives the lock back.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            append_line(descriptor, line)
            if self._syncs:
                _sync(descriptor)
        finally:
            os.close(descriptor)


def append_line(descriptor: int, line: bytes) -> None:
    """Write ``line`` at the end, whole or not at all; on a line of its own.

    Raises OSError when it cannot be written.
    """
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        # Somebody was killed while writing: the rest of that line must not swallow us.
        line = b"\n" + line
    view = memoryview(line)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        with suppress(OSError):  # a pipe cannot be shortened
            os.ftruncate(descriptor, size)
        raise


def _sync(descriptor: int) -> None:
    with suppress(OSError):  # a pipe or terminal has no disk
        os.fsync(descriptor)
