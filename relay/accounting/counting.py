"""From one object's matches to datapoints, each event counted once per filter; pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from relay.accounting.ledger import Line, add_line
from relay.accounting.points import LogTime, add_point
from relay.config.rules import AlarmDefinition, AlarmTime
from relay.model import (
    AlarmKey,
    Datapoint,
    DefaultPoints,
    Evaluation,
    Feed,
    LogFile,
    LogObject,
    Match,
)
from relay.state.store import Commit, ObjectMark

Definitions = Callable[[AlarmKey], AlarmDefinition | None]
"""Looks up the alarms of the configuration in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """One object whose records have been evaluated, to be counted once.

    ``received_at`` is when the message that announced it came, ``event_ids`` are those
    of all its records, as far as they have one.
    """

    mark: ObjectMark
    evaluation: Evaluation
    received_at: float
    event_ids: Sequence[str] = ()
    log_time: LogTime | None = None
    """Without it, the log events have the time at which they came."""
    observed: Sequence[Datapoint] = ()
    """What the object itself is a datapoint of, whatever its records are."""


@dataclass(slots=True, kw_only=True)
class Counted:
    """What counting has found so far, over all objects of one commit.

    ``events`` holds every (filter, event id) counted in this commit or before it;
    ``repeats`` are matches that were not counted again for that. ``repeated`` are
    records, by account and region, whose id an earlier object had brought.
    """

    events: set[tuple[str, str]]
    datapoints: list[Datapoint] = field(default_factory=list)
    matches: dict[str, int] = field(default_factory=dict)
    repeats: int = 0
    repeated: dict[tuple[str, str], int] = field(default_factory=dict)


def mark_of(found: LogObject, file: LogFile) -> ObjectMark:
    """Return the mark of an object that is counted and not relayed yet."""
    return ObjectMark(
        bucket=found.bucket,
        key=found.key,
        etag=found.etag,
        relayed=False,
        records=len(file.records),
        account=file.key.account,
        region=file.key.region,
    )


def events_of(counting: Counting) -> Iterator[tuple[str, str]]:
    """Yield the (filter, event id) of every match, to look up whether it is known."""
    for match in counting.evaluation.matches:
        if match.event_id is not None:
            yield match.filter, match.event_id


def count(
    counting: Counting, counted: Counted, commit: Commit, definitions: Definitions
) -> None:
    """Add one object to ``counted``, and to ``commit`` what must be remembered of it.

    A record without an event id cannot be told from another one: it always counts.
    """
    mark = counting.mark
    commit.objects.append(mark)
    add_line(commit, mark, Line.RECEIVED, mark.records)
    received_at = counting.received_at
    log_time = counting.log_time or LogTime(fixed=received_at, fallback=received_at)
    counted.datapoints += counting.observed
    for match in counting.evaluation.matches:
        if match.event_id is not None:
            event = (match.filter, match.event_id)
            if event in counted.events:
                counted.repeats += 1
                continue
            counted.events.add(event)
            commit.counted_events.append(event)
        counted.matches[match.filter] = counted.matches.get(match.filter, 0) + 1
        counted.datapoints += _datapoints(match, received_at, definitions)
        add_point(match, log_time, commit)
    for defaults in counting.evaluation.defaults:
        counted.datapoints += _datapoints(defaults, received_at, definitions)
        add_point(defaults, log_time, commit)


def add_repeated(
    counting: Counting, records: int, counted: Counted, commit: Commit
) -> None:
    """Add that so many records of one object came in an earlier object as well."""
    if records:
        mark = counting.mark
        place = (mark.account, mark.region)
        counted.repeated[place] = counted.repeated.get(place, 0) + records
        add_line(commit, mark, Line.REPEATED, records)


def _datapoints(
    found: Match | DefaultPoints, received_at: float, definitions: Definitions
) -> Iterator[Datapoint]:
    for feed in found.feeds:
        value = 1.0 if feed.counts_matches else found.value
        if value is None:
            continue
        yield Datapoint(
            alarm=feed.alarm,
            group=feed.group,
            time=_time(feed, found.time, received_at, definitions),
            value=value,
            count=found.count if isinstance(found, DefaultPoints) else 1,
            evidence=found.evidence if isinstance(found, Match) else None,
            received_at=received_at,
            term=feed.term,
        )


def _time(
    feed: Feed, event_time: float | None, received_at: float, definitions: Definitions
) -> float:
    definition = definitions(feed.alarm)
    is_by_arrival = definition is not None and definition.time is AlarmTime.ARRIVAL
    return received_at if event_time is None or is_by_arrival else event_time
