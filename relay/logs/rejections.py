"""Read ``rejectedLogEventsInfo``: which events of an accepted call were not kept.

PutLogEvents answers HTTP 200 even when it drops every event; the member holds up to
three indexes into the list as it was sent (API Reference, RejectedLogEventsInfo). In
order of timestamp the refused ones are at the two ends: old first, future last.
"""

from collections.abc import Mapping

from relay.model import RejectedBy


def rejected_ranges(
    info: Mapping[str, object] | None, submitted: int
) -> list[tuple[range, RejectedBy]]:
    """Return the indexes that ``info`` names, each index once, with the reason.

    Where the ranges overlap, the reason named first here wins: too old, expired, too
    new. An index that is no integer is not there; one outside of the list is clamped.
    """
    if not info:
        return []
    too_old_end = _index(info, "tooOldLogEventEndIndex", 0, submitted)
    expired_end = _index(info, "expiredLogEventEndIndex", 0, submitted)
    too_new_start = _index(info, "tooNewLogEventStartIndex", submitted, submitted)
    expired_end = max(too_old_end, expired_end)
    too_new_start = max(expired_end, too_new_start)
    ranges = [
        (range(too_old_end), RejectedBy.TOO_OLD),
        (range(too_old_end, expired_end), RejectedBy.EXPIRED),
        (range(too_new_start, submitted), RejectedBy.TOO_NEW),
    ]
    return [(indexes, reason) for indexes, reason in ranges if indexes]


def _index(info: Mapping[str, object], name: str, default: int, submitted: int) -> int:
    value = info.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        return default
    return min(max(value, 0), submitted)
