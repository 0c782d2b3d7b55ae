"""An object's bytes to its records: gunzip, then split. Pure and synchronous.

It takes some milliseconds per megabyte; whoever calls it for a big object does so in a
worker thread.
"""

from dataclasses import dataclass

from relay.config.source_section import Limits
from relay.errors import RejectedError
from relay.model import LogFile, LogFileKey, LogObject
from relay.trail.gunzip import decompress
from relay.trail.projection import Projection
from relay.trail.records import Take, split_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A log file, and how many of its records were out of the ordinary.

    See ``relay.trail.records.Split`` for ``slow`` and ``repaired``.
    """

    file: LogFile
    slow: int = 0
    repaired: int = 0


def decode(
    source: LogObject,
    key: LogFileKey,
    projection: Projection,
    limits: Limits,
    *,
    take: Take | None = None,
) -> Decoded:
    """Return the records of ``source``, whose key is ``key``.

    With ``take`` they are handed to it in parts, and returned without their fields.

    Raises RejectedError, naming the object, when it holds no records, or more of
    anything than ``limits`` allow.
    """
    try:
        data = decompress(source.body, max_bytes=limits.decompressed)
        split = split_records(data, projection, max_records=limits.records, take=take)
    except RejectedError as exc:
        raise RejectedError(f"{source}: {exc}", reason=exc.reason) from exc
    return Decoded(
        file=LogFile(key=key, records=split.records, decompressed_bytes=len(data)),
        slow=split.slow,
        repaired=split.repaired,
    )
