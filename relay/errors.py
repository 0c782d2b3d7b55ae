"""The error tree, cut by what the caller does about an error.

    RelayError
    |-- ConfigError      tell the operator; nothing has changed
    |-- TransientError   the same call may succeed later: back off, try again
    |-- RejectedError    the same call will fail again: count it, set it aside
    `-- StateError       the state store cannot be trusted: stop, acknowledge nothing

A foreign error (botocore, aiohttp, sqlite3) is translated once, where it enters; the
``reason`` of a translated error is a label of the error counters, so it is a closed
set. ``relay.patterns.PatternError`` stands outside: that package is a library.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why something could not be processed; the value is a metric label."""

    NOT_JSON = "not_json"
    UNKNOWN_ENVELOPE = "unknown_envelope"
    TOO_OLD = "too_old"
    FOREIGN_BUCKET = "foreign_bucket"
    NOT_A_LOG_FILE = "not_a_log_file"
    NO_SUCH_KEY = "no_such_key"
    NO_SUCH_BUCKET = "no_such_bucket"
    ACCESS_DENIED = "access_denied"
    KMS = "kms"
    WRONG_REGION = "wrong_region"
    ARCHIVED = "archived"
    OBJECT_TOO_LARGE = "object_too_large"
    DECOMPRESSED_TOO_LARGE = "decompressed_too_large"
    TOO_MANY_RECORDS = "too_many_records"
    CORRUPT_GZIP = "corrupt_gzip"
    TRUNCATED = "truncated"
    BAD_JSON = "bad_json"
    NOT_RECORDS = "not_records"
    CREDENTIALS = "credentials"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    NETWORK = "network"
    NOT_FOUND = "not_found"
    RECEIPT_INVALID = "receipt_invalid"
    INVALID = "invalid"
    REFUSED = "refused"
    INTERNAL = "internal"


class RelayError(Exception):
    """Base of all errors that relay raises on purpose."""


class ConfigError(RelayError):
    """The configuration cannot be used; ``problems`` holds every fault, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class TransientError(RelayError):
    """A call failed in a way that may pass; ``retry_after_secs``: the peer's wish."""

    def __init__(
        self, message: str, *, reason: Reason, retry_after_secs: float | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after_secs = retry_after_secs


class RejectedError(RelayError):
    """A thing cannot be processed, however often it is tried."""

    def __init__(self, message: str, *, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


class StateError(RelayError):
    """The state store failed (full, read-only, corrupt): the daemon must stop."""
