"""What log files hold: records, and what a file's key says of it."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class FileKind(StrEnum):
    """What an object holds, read from its key; a metric label."""

    EVENTS = "events"
    INSIGHT = "insight"
    NETWORK_ACTIVITY = "network_activity"
    AGGREGATED = "aggregated"
    DIGEST = "digest"
    MARKER = "marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFileKey:
    """An object key taken apart. A marker (a key that ends in "/") has no region."""

    kind: FileKind
    account: str
    region: str
    organization: str | None = None
    prefix: str = ""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One CloudTrail event: its own JSON text, and only the fields that rules read.

    ``message`` is the record's text exactly as in the file, ``size_bytes`` its length
    in UTF-8; ``time`` is ``eventTime`` (None when the record has none, as Insight and
    aggregated records may); ``fields`` is a value of the projection that decoded it.
    """

    message: str
    size_bytes: int
    time: float | None
    event_id: str | None
    fields: object


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """All records of one object, in file order."""

    key: LogFileKey
    records: list[Record]
    decompressed_bytes: int
