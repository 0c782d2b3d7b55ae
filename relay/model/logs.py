"""What is written to CloudWatch Logs, where to, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The log group and log stream that log events go to."""

    group: str
    stream: str


class LogEvent(msgspec.Struct, frozen=True, gc=False):
    """What PutLogEvents takes; ``size_bytes`` is the message's length in UTF-8."""

    timestamp_ms: int
    message: str
    size_bytes: int


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
