"""Account and region of records, and the filters that do not look at them."""

import msgspec
import pytest

from relay.config.criteria import parse_criteria
from relay.model import FileKind, LogFileKey
from relay.rules.system import (
    CAPACITY,
    SYSTEM_FIELDS,
    Origin,
    Selection,
    SystemFieldReader,
)
from relay.trail.projection import Projection

KEY = LogFileKey(kind=FileKind.EVENTS, account="1", region="r")
HERE = parse_criteria('@aws.region = "here"')


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"recipientAccountId": "2", "awsRegion": "s"}, Origin("2", "s")),
        ({"recipientAccountId": 2}, Origin("2", "r")),
        ({"recipientAccountId": "", "awsRegion": None}, Origin("1", "r")),
        ({"awsRegion": ["s"]}, Origin("1", "r")),
        ({"awsRegion": "s" * 65}, Origin("1", "r")),
    ],
)
def test_a_record_says_where_it_is_from(
    record: dict[str, object], expected: Origin
) -> None:
    """Its file does where it says nothing, or nothing that can be true."""
    projection = Projection(SYSTEM_FIELDS)
    fields = projection.decode(msgspec.json.encode(record))

    assert SystemFieldReader(projection).read(fields, KEY) == expected


def test_an_unread_record_is_from_where_its_file_is() -> None:
    """It has no fields."""
    reader = SystemFieldReader(Projection(SYSTEM_FIELDS))

    assert reader.read(None, KEY) == Origin("1", "r")


def test_filters_without_criteria_look_at_everything() -> None:
    """Only the others are ever excluded."""
    selection = Selection([None, HERE, None, parse_criteria('@aws.account = "1"')])

    assert selection.excluded(Origin("1", "here")) == frozenset()
    assert selection.excluded(Origin("2", "here")) == {3}
    assert selection.excluded(Origin("2", "there")) == {1, 3}
    assert [bool(selection), bool(Selection([None]))] == [True, False]


def test_what_is_remembered_is_bounded() -> None:
    """However many accounts come; answers stay right."""
    selection = Selection([HERE])

    for number in range(CAPACITY + 10):
        assert selection.excluded(Origin(str(number), "here")) == frozenset()

    assert selection.excluded(Origin("0", "there")) == {0}
    assert len(selection._excluded) <= CAPACITY
