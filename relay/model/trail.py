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


RecordText = bytes | msgspec.Raw
"""A record's JSON in UTF-8: a copy, or a view of its file's bytes."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One CloudTrail event: its own JSON text, and only the fields that rules read.

    ``text`` is the record exactly as in the file, ``size_bytes`` its length; ``time``
    is ``eventTime`` (None when the record has none, as Insight and aggregated records
    may); ``fields`` is a value of the projection that decoded it.
    """

    text: RecordText
    size_bytes: int
    time: float | None
    event_id: str | None
    fields: object

    @property
    def message(self) -> str:
        """The record's text as a string, made anew with every call: few need it."""
        return str(self.text, "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """All records of one object, in file order."""

    key: LogFileKey
    records: list[Record]
    decompressed_bytes: int
