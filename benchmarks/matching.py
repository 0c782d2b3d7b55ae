"""What matching costs where its memory of past records does not help.

Three figures for each number of rules: a file whose events were never seen before, the
worst case of it, in which each record has an event name of its own, and the bytes that
are kept when the memory is full.
"""

import re
import time
import tracemalloc
from collections.abc import Sequence
from statistics import median

from benchmarks.hotpath import RULES
from benchmarks.material import log_file
from benchmarks.patterns import choose
from relay.model import Record
from relay.patterns import Pattern
from relay.rules.matching import CAPACITY, Matcher
from relay.trail.projection import Projection
from relay.trail.records import split_records

_RECORDS = 2_000
_ROUNDS = 5
_FULL_RECORDS = CAPACITY + 1_000
"""As many different records as surely fill the memory."""


def main() -> None:
    """Measure matching alone; decoding is not in the figures."""
    print(f"matching alone, {_RECORDS:,} records; us/record")
    for count in RULES:
        patterns = choose(count).patterns
        projection = Projection(
            selector for pattern in patterns for selector in pattern.selectors
        )
        ordinary = _records(projection, log_file(1, records=_RECORDS))
        strange = _records(projection, _each_another_event(_RECORDS))
        print(
            f"  {count:>5,} rules: {_warm(patterns, projection, ordinary):6.2f} warm, "
            f"{_cold(patterns, projection, ordinary):7.2f} cold, "
            f"{_cold(patterns, projection, strange):8.2f} each another event; "
            f"{_kept_bytes(patterns, projection) / 2**20:5.1f} MiB kept when full"
        )


def _records(projection: Projection, data: bytes) -> list[Record]:
    return split_records(data, projection, max_records=10**6).records


def _each_another_event(records: int) -> bytes:
    """Return a log file in which each record has an event name and an address alone."""
    number = iter(range(10**9))
    made = re.sub(
        rb'"eventName":"',
        lambda found: found[0] + b"N%d" % next(number),
        log_file(1, records=records),
    )
    return re.sub(
        rb'"sourceIPAddress":"',
        lambda found: found[0] + b"%d." % next(number),
        made,
    )


def _warm(
    patterns: Sequence[Pattern], projection: Projection, records: Sequence[Record]
) -> float:
    matcher = Matcher(patterns, projection)
    _match_all(matcher, records)
    return median(_match_all(matcher, records) for _ in range(_ROUNDS))


def _cold(
    patterns: Sequence[Pattern], projection: Projection, records: Sequence[Record]
) -> float:
    return median(
        _match_all(Matcher(patterns, projection), records) for _ in range(_ROUNDS)
    )


def _match_all(matcher: Matcher, records: Sequence[Record]) -> float:
    """Return the microseconds that a record took."""
    began = time.perf_counter()
    for _ in matcher.find(records):
        pass
    return (time.perf_counter() - began) * 1e6 / len(records)


def _kept_bytes(patterns: Sequence[Pattern], projection: Projection) -> int:
    """Return the most bytes that a matcher kept while records filled its memory."""
    records = _records(projection, _each_another_event(_FULL_RECORDS))
    matcher = Matcher(patterns, projection)
    tracemalloc.start()
    most = 0
    for number, record in enumerate(records):
        matcher.matching(record)
        if number % 100 == 0:
            most = max(most, tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return most
