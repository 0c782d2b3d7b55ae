"""relay.accounting.counting: each event once per filter, each datapoint at its time."""

from relay.accounting.counting import (
    Counted,
    Counting,
    add_repeated,
    count,
    events_of,
)
from relay.config.rules import AlarmDefinition, AlarmTime, MetricName
from relay.model import (
    AlarmKey,
    DefaultPoints,
    Evaluation,
    Evidence,
    Feed,
    Match,
)
from relay.state.store import Commit, LedgerKey, ObjectMark

KEY = AlarmKey(name="root-login", fingerprint="1")
MARK = ObjectMark(
    bucket="b",
    key="k",
    etag="e",
    relayed=False,
    records=9,
    account="111122223333",
    region="eu-west-1",
)


def match(event_id: str | None, **other: object) -> Match:
    """Return a match of the filter "f" that feeds one alarm."""
    values: dict[str, object] = {
        "filter": "f",
        "event_id": event_id,
        "time": 1_000.0,
        "value": 1.0,
        "feeds": (Feed(alarm=KEY, group=("alice",)),),
        "evidence": Evidence(event_id=event_id),
    }
    return Match(**(values | other))  # type: ignore[arg-type]  # members by name


def definition(time: AlarmTime) -> AlarmDefinition:
    """Return the alarm that is fed."""
    return AlarmDefinition(
        name=KEY.name,
        metric=MetricName(namespace="n", name="m"),
        fingerprint=KEY.fingerprint,
        time=time,
    )


def counted_by(
    *matches: Match,
    known: frozenset[tuple[str, str]] = frozenset(),
    defaults: tuple[DefaultPoints, ...] = (),
    time: AlarmTime = AlarmTime.EVENT,
) -> tuple[Counted, Commit]:
    """Count one object with ``matches``, received at 2 000."""
    counting = Counting(
        mark=MARK,
        evaluation=Evaluation(matches=matches, defaults=defaults),
        received_at=2_000.0,
    )
    counted, commit = Counted(events=set(known)), Commit(at=2_001.0)
    count(counting, counted, commit, lambda _: definition(time))
    return counted, commit


def test_match_becomes_a_datapoint_and_a_mark() -> None:
    """The datapoint has the event's time and evidence; the event is remembered."""
    counted, commit = counted_by(match("id-1"))

    (datapoint,) = counted.datapoints
    assert (datapoint.alarm, datapoint.group) == (KEY, ("alice",))
    assert (datapoint.time, datapoint.value, datapoint.count) == (1_000.0, 1.0, 1)
    assert datapoint.evidence == Evidence(event_id="id-1")
    assert datapoint.received_at == 2_000.0
    assert commit.counted_events == [("f", "id-1")]
    assert commit.objects == [MARK]


def test_object_is_entered_as_received() -> None:
    """The ledger's left side is written with the mark that says it is counted."""
    _, commit = counted_by()

    line = LedgerKey(account="111122223333", region="eu-west-1", outcome="received")
    assert commit.ledger == {line: 9}


def test_event_counts_once_per_filter() -> None:
    """Twice in one object, or known from before: one datapoint; other filters count."""
    counted, commit = counted_by(
        match("id-1"),
        match("id-1"),
        match("old"),
        match("id-1", filter="g"),
        known=frozenset({("f", "old")}),
    )

    assert counted.repeats == 2
    assert counted.matches == {"f": 1, "g": 1}
    assert commit.counted_events == [("f", "id-1"), ("g", "id-1")]
    assert len(counted.datapoints) == 2


def test_record_without_id_always_counts() -> None:
    """Two records that cannot be told apart are two."""
    counted, commit = counted_by(match(None), match(None))

    assert len(counted.datapoints) == 2
    assert commit.counted_events == []


def test_match_without_value_gives_no_datapoint() -> None:
    """A selector that names nothing numeric publishes nothing, but it did match."""
    counted, _ = counted_by(match("id-1", value=None))

    assert counted.datapoints == []
    assert counted.matches == {"f": 1}


def test_arrival_time_is_when_the_message_came() -> None:
    """``time: arrival`` counts as AWS's own pipeline does; so does no event time."""
    by_arrival, _ = counted_by(match("id-1"), time=AlarmTime.ARRIVAL)
    without_time, _ = counted_by(match("id-1", time=None))

    assert [point.time for point in by_arrival.datapoints] == [2_000.0]
    assert [point.time for point in without_time.datapoints] == [2_000.0]


def test_default_values_carry_their_count() -> None:
    """Records that did not match publish the default, all of a minute as one point."""
    defaults = DefaultPoints(
        filter="f",
        time=960.0,
        value=0.0,
        count=7,
        feeds=(Feed(alarm=KEY, group=()),),
    )
    counted, commit = counted_by(defaults=(defaults,))

    (datapoint,) = counted.datapoints
    assert (datapoint.value, datapoint.count, datapoint.evidence) == (0.0, 7, None)
    assert commit.counted_events == []


def test_a_condition_counts_matches_whatever_their_value() -> None:
    """A match that is no datapoint of the metric is a match."""
    metric = Feed(alarm=KEY, group=())
    condition = Feed(alarm=KEY, group=(), counts_matches=True, term="192.0.2.1")
    nothing = match("id-1", value=None, feeds=(metric, condition))
    bytes_sent = match("id-2", value=512.0, feeds=(metric, condition))
    counted, _ = counted_by(nothing, bytes_sent)

    assert [(point.value, point.term) for point in counted.datapoints] == [
        (1.0, "192.0.2.1"),
        (512.0, None),
        (1.0, "192.0.2.1"),
    ]


def test_events_to_look_up_are_those_with_an_id() -> None:
    """Only these can have been counted before."""
    counting = Counting(
        mark=MARK,
        evaluation=Evaluation(matches=(match("id-1"), match(None))),
        received_at=0.0,
    )

    assert list(events_of(counting)) == [("f", "id-1")]


def test_repeated_records_are_added_up_by_account_and_region() -> None:
    """In the commit and for the metrics; an object without any leaves no line."""
    counting = Counting(mark=MARK, evaluation=Evaluation(), received_at=0.0)
    counted, commit = Counted(events=set()), Commit(at=1.0)

    for records in (2, 0, 5):
        add_repeated(counting, records, counted, commit)

    line = LedgerKey(account="111122223333", region="eu-west-1", outcome="repeated")
    assert counted.repeated == {("111122223333", "eu-west-1"): 7}
    assert commit.ledger == {line: 7}


def test_no_repeated_record_leaves_no_line() -> None:
    """The usual case costs nothing in the store."""
    counting = Counting(mark=MARK, evaluation=Evaluation(), received_at=0.0)
    counted, commit = Counted(events=set()), Commit(at=1.0)

    add_repeated(counting, 0, counted, commit)

    assert (counted.repeated, commit.ledger) == ({}, {})
