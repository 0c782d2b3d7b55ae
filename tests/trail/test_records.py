"""Splitting a log file into records: text, size, time, id, fields."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.errors import Reason, RejectedError
from relay.patterns import MISSING, Selector, parse_selector
from relay.patterns.message import parse_message
from relay.trail.projection import Projection
from relay.trail.records import (
    PART_RECORDS,
    Split,
    parse_event_time,
    split_records,
)
from tests.trail.generated import record_texts, selectors

_NAME = parse_selector("$.eventName")
_PROJECTION = Projection([_NAME])
_get_name = _PROJECTION.getter(_NAME)
_MANY = 10**6


def _split(data: bytes, max_records: int = _MANY) -> Split:
    return split_records(data, _PROJECTION, max_records=max_records)


@pytest.mark.parametrize(
    "template",
    [
        '{"Records":[%s,%s]}',
        '{"x":1,"Records" : [ %s ,\n%s ] }',
        "[%s,%s]",
        " [ %s, %s]",
    ],
)
def test_every_form_of_file_gives_its_records(template: str) -> None:
    """The records are the texts of the list's elements, exactly as they stand there."""
    first = '{"eventName":"A","eventTime":"2026-09-14T05:42:40Z","eventID":"one"}'
    second = '{ "eventName" : "B" , "x":{"é":"\\u00e9"}}'

    split = _split((template % (first, second)).encode())

    assert [record.message for record in split.records] == [first, second]
    assert [record.size_bytes for record in split.records] == [
        len(first.encode()),
        len(second.encode()),
    ]
    assert [record.time for record in split.records] == [1_789_364_560.0, None]
    assert [record.event_id for record in split.records] == ["one", None]
    assert [_get_name(record.fields) for record in split.records] == ["A", "B"]
    assert (split.slow, split.repaired) == (0, 0)


def test_a_big_file_is_handed_over_in_parts() -> None:
    """The parts have the fields, what is kept of the whole has none of them."""
    count = 2 * PART_RECORDS + 1
    texts = [f'{{"eventName":"A{n}","eventID":"{n}"}}' for n in range(count)]
    texts[3] = '{"eventName":1e309}'
    taken: list[list[object]] = []

    split = split_records(
        f"[{','.join(texts)}]".encode(),
        _PROJECTION,
        max_records=_MANY,
        take=lambda part: taken.append([_get_name(each.fields) for each in part]),
    )

    assert [len(part) for part in taken] == [PART_RECORDS, PART_RECORDS, 1]
    assert taken[2] == [f"A{count - 1}"]
    assert [record.message for record in split.records] == texts
    assert split.records[-1].event_id == str(count - 1)
    assert {record.fields for record in split.records} == {None}
    assert split.slow == 1


@pytest.mark.parametrize(
    "text",
    ['{"eventName":"A"}', "{}", '{"Records":null}', '{"records":[1]}'],
)
def test_an_object_without_records_is_one_record(text: str) -> None:
    """A single event is taken as it is, without the blanks around it."""
    split = _split(f"\n {text}\n".encode())

    assert [record.message for record in split.records] == [text]


@given(
    texts=st.lists(record_texts(), max_size=6), chosen=st.lists(selectors(), max_size=3)
)
@example(texts=['{"a":1e309}', '{"a":"\\ud800"}'], chosen=[parse_selector("$.a")])
def test_every_record_travels_with_its_fields(
    texts: list[str], chosen: list[Selector]
) -> None:
    """Messages are unchanged and fields right, whatever a neighbour holds."""
    projection = Projection(chosen)

    split = split_records(
        ('{"Records":[' + ",".join(texts) + "]}").encode(),
        projection,
        max_records=_MANY,
    )

    assert [record.message for record in split.records] == texts
    for record in split.records:
        event = parse_message(record.message)
        for selector in chosen:
            found = projection.getter(selector)(record.fields)
            assert repr(found) == repr(selector.resolve(event))


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param('{"eventName":01}', id="malformed-number"),
        pytest.param('{"eventName":NaN}', id="nan"),
        pytest.param('{"a":' + "[" * 3000 + "]" * 3000 + "}", id="nested-deeply"),
        pytest.param('"text"', id="string"),
        pytest.param("17", id="number"),
        pytest.param("null", id="null"),
        pytest.param("[{}]", id="list"),
    ],
)
def test_an_unreadable_record_travels_without_fields(odd: str) -> None:
    """It is kept as it is, and its neighbours are read as ever."""
    good = '{"eventName":"A","eventID":"i"}'

    split = _split(f"[{good},{odd},{good}]".encode())

    assert [record.message for record in split.records] == [good, odd, good]
    assert [record.event_id for record in split.records] == ["i", None, "i"]
    assert split.records[1].fields is None
    assert split.records[1].time is None
    assert split.slow == 1


def test_bytes_that_are_no_utf8_are_replaced_and_counted() -> None:
    """The message becomes text; fields beside the bad bytes are read, and those too."""
    split = _split(b'[{"x":"\xff\xfe"},{"eventName":"A\xff"},{"eventName":"B"}]')

    assert [record.message for record in split.records] == [
        '{"x":"\ufffd\ufffd"}',
        '{"eventName":"A\ufffd"}',
        '{"eventName":"B"}',
    ]
    assert split.records[0].size_bytes == len('{"x":"\ufffd\ufffd"}'.encode())
    assert [_get_name(record.fields) for record in split.records] == [
        MISSING,
        "A\ufffd",
        "B",
    ]
    assert (split.slow, split.repaired) == (0, 2)


@pytest.mark.parametrize(
    ("members", "time", "event_id"),
    [
        pytest.param(
            {"timeWindow": {"windowEnd": "2026-09-14T05:45:00Z"}, "eventId": "low"},
            1_789_364_700.0,
            "low",
            id="aggregated",
        ),
        pytest.param(
            {"eventTime": "yesterday", "eventID": "i"}, None, "i", id="no-time"
        ),
        pytest.param(
            {"eventTime": 1_789_364_560, "eventID": 7}, None, None, id="numbers"
        ),
        pytest.param(
            {"eventTime": "2" * 65, "eventID": "i" * 129}, None, None, id="long"
        ),
        pytest.param({"eventID": "é"}, None, "é", id="not-ascii"),
        pytest.param({"eventID": "a\ud800"}, None, "a?", id="half-a-surrogate-pair"),
    ],
)
def test_time_and_id_are_read_where_they_are(
    members: dict[str, Any], time: float | None, event_id: str | None
) -> None:
    """Aggregated records keep theirs elsewhere; what is no time or id is None."""
    split = _split(json.dumps([members]).encode())

    assert (split.records[0].time, split.records[0].event_id) == (time, event_id)


@pytest.mark.parametrize(
    ("data", "reason", "message"),
    [
        (b"", Reason.BAD_JSON, "not JSON"),
        (b"  ", Reason.BAD_JSON, "not JSON"),
        (b"hello", Reason.BAD_JSON, "not JSON"),
        (b'{"Records":[{"a":1},{"b"', Reason.BAD_JSON, "not JSON"),
        (b"{} {}", Reason.BAD_JSON, "not JSON"),
        (b'"text"', Reason.NOT_RECORDS, "neither an object nor a list but str"),
        (b"17", Reason.NOT_RECORDS, "neither an object nor a list but int"),
        (b'{"Records":{"a":1}}', Reason.NOT_RECORDS, "Records is no list"),
        (b'{"Records":"x"}', Reason.NOT_RECORDS, "Records is no list"),
        (b"[" * 5000, Reason.BAD_JSON, "not JSON"),
    ],
)
def test_a_file_without_records_is_rejected(
    data: bytes, reason: Reason, message: str
) -> None:
    """What is no JSON, and JSON that holds no records, are told apart."""
    with pytest.raises(RejectedError, match=message) as caught:
        _split(data)

    assert caught.value.reason is reason


def test_too_many_records_of_a_small_file_are_rejected_as_well() -> None:
    """A file so small that nobody counted its commas first."""
    with pytest.raises(RejectedError, match="more than 10 records") as caught:
        _split(b"[" + b",".join([b"1"] * 11) + b"]", max_records=10)

    assert caught.value.reason is Reason.TOO_MANY_RECORDS


def test_too_many_long_records_are_rejected() -> None:
    """Where a list of all costs less than counting, they are counted in the list."""
    record = '{"a":"%s","b":[1,2,3]}' % ("x" * 400)

    with pytest.raises(RejectedError, match="more than 10 records") as caught:
        _split(f"[{','.join([record] * 11)}]".encode(), max_records=10)

    assert caught.value.reason is Reason.TOO_MANY_RECORDS


@pytest.mark.parametrize("template", ["[%s]", '{"Records":[%s]}'])
def test_too_many_records_are_rejected_before_they_are_built(template: str) -> None:
    """As many as allowed are fine, commas inside of records notwithstanding."""
    at_limit = (template % ",".join(['{"a":[1,2,3,4,5]}'] * 10)).encode()
    above = (template % ",".join(["1"] * 99)).encode()

    assert len(_split(at_limit, max_records=10).records) == 10
    with pytest.raises(RejectedError, match="more than 10 records") as caught:
        _split(above, max_records=10)
    assert caught.value.reason is Reason.TOO_MANY_RECORDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2026-09-14T05:42:40Z", 1_789_364_560.0),
        ("2026-09-14T05:42:40", 1_789_364_560.0),
        ("2026-09-14T07:42:40+02:00", 1_789_364_560.0),
        ("2026-09-14T05:42:40.500Z", 1_789_364_560.5),
        ("", None),
        ("2026-13-14T05:42:40Z", None),
        ("2026-09-14T05:42:40Zulu", None),
    ],
)
def test_event_times_are_iso_8601(text: str, expected: float | None) -> None:
    """With or without offset and fraction; anything else is no time."""
    assert parse_event_time(text) == expected


@given(text=st.text(max_size=30) | st.datetimes().map(str))
def test_no_event_time_is_an_error(text: str) -> None:
    """Whatever stands there is a time or is not."""
    assert isinstance(parse_event_time(text), float | None)
