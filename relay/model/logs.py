"""What is written to CloudWatch Logs, where to, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from relay.model.trail import RecordText


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The log group and log stream that log events go to."""

    group: str
    stream: str


class LogEvent(msgspec.Struct, frozen=True, gc=False):
    """What PutLogEvents takes; ``text`` is its message, of ``size_bytes``, in UTF-8."""

    timestamp_ms: int
    text: RecordText
    size_bytes: int

    @property
    def message(self) -> str:
        """The text as a string, made anew with every call: short-lived it is cheap."""
        return str(self.text, "utf-8")


class RejectedBy(StrEnum):
    """Why CloudWatch Logs does not keep a log event; a label and a ledger reason."""

    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    EXPIRED = "expired"
    TOO_LARGE = "too_large"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What became of the log events of one log file: all of them are in here."""

    accepted: int = 0
    rejected: Mapping[RejectedBy, int] = field(default_factory=dict)
