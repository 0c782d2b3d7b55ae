"""Generated readers give what attribute accesses one by one would."""

import msgspec
import pytest

from relay.patterns import MISSING
from relay.trail.readers import Path, joint_reader

_Inner = msgspec.defstruct("_Inner", [("f0", object, MISSING)], frozen=True)
_Outer = msgspec.defstruct(
    "_Outer",
    [("f0", object, MISSING), ("f1", object, _Inner()), ("f2", object, MISSING)],
    frozen=True,
)
_Record = msgspec.defstruct(
    "_Record",
    [("f0", object, MISSING), ("f1", object, _Outer()), ("f2", object, _Inner())],
    frozen=True,
)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], ()),
        ([("f0",)], (1,)),
        ([("f0",), ("f1", "f0"), ("f1", "f1", "f0"), ("f2", "f0")], (1, 2, 3, MISSING)),
        ([("f1", "f1", "f0"), ("f0",), ("f1", "f2")], (3, 1, MISSING)),
        ([("f0",), ("f0",)], (1, 1)),
    ],
)
def test_members_are_read_in_the_order_asked_for(
    paths: list[Path], expected: tuple[object, ...]
) -> None:
    """At whatever depth they are, also when one is asked for twice."""
    record = _Record(1, _Outer(2, _Inner(3)), None)

    assert joint_reader(_Record(), paths)(record) == expected


@pytest.mark.parametrize("other", [None, "text", 1, [], {}, MISSING])
def test_below_another_value_everything_is_missing(other: object) -> None:
    """Where a text, a number or null stands instead of an object."""
    read = joint_reader(_Record(), [("f0",), ("f1", "f0"), ("f1", "f1", "f0")])

    assert read(_Record(1, other)) == (1, MISSING, MISSING)
    assert read(_Record(1, _Outer(2, other))) == (1, 2, MISSING)


def test_nothing_at_all_is_one_tuple_always() -> None:
    """So that a caller may ask by identity whether anything was there."""
    read = joint_reader(_Record(), [("f0",), ("f1", "f0")])
    nothing = read(_Record())

    assert nothing == (MISSING, MISSING)
    assert read(_Record(MISSING, "text")) is nothing
    assert read(_Record(None)) is not nothing
