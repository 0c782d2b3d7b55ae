"""Splitting a file by its brackets."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Reason, RejectedError
from relay.trail.brackets import record_spans
from tests.trail.generated import values


def _split(data: bytes) -> list[bytes]:
    return [data[start:end] for start, end in record_spans(data)]


@given(
    elements=st.lists(values, max_size=5),
    separators=st.sampled_from([(",", ":"), (" ,\r\n", "\t: ")]),
    others=st.dictionaries(st.sampled_from(["a", 'q"\\', "Record"]), values),
)
def test_records_are_found_in_any_json(
    elements: list[object], separators: tuple[str, str], others: dict[str, object]
) -> None:
    """Every element of the list is one span, whatever it holds and stands beside."""
    bare = json.dumps(elements, separators=separators).encode()
    wrapped = json.dumps(others | {"Records": elements} | others, separators=separators)

    expected = [json.dumps(one, separators=separators).encode() for one in elements]
    assert _split(bare) == expected
    assert _split(wrapped.encode()) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b" [] ", []),
        (b'{"Records":[]}', []),
        (b'\n{"a":[1]} ', [b'{"a":[1]}']),
        (b"{}", [b"{}"]),
        (b'{"Records":null}', [b'{"Records":null}']),
        (b'{"Records":[1],"Records":[2]}', [b"2"]),
        (b'[{"a":1e309},{"b":01},{"c":"\\ud800]"}]', None),
        (b'[{"a":"\xff"},[[]],"x\\"]",-1.5e+3,true]', None),
    ],
)
def test_all_three_forms_are_taken(data: bytes, expected: list[bytes] | None) -> None:
    """A list, a wrapped list and a single object; None: split at the list's commas."""
    found = _split(data)

    assert found == expected if expected is not None else b",".join(found) == data[1:-1]


def test_deep_nesting_costs_no_stack() -> None:
    """A hundred thousand nested arrays are one record like others."""
    deep = b"[" * 100_000 + b"]" * 100_000

    assert _split(b'{"Records":[{"a":1},' + deep + b"]}") == [b'{"a":1}', deep]


@pytest.mark.parametrize(
    "data",
    [
        b"[",
        b"{",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"[}",
        b'["open]',
        b"[{]",
        b"[] x",
        b"{} {}",
        b"{1:2}",
        b'{"a" 1}',
        b'{"a":}',
        b'{"a":1,}',
        b'{"Records":[1,2}',
        b'{"Records":[{"a":1}',
    ],
)
def test_brackets_that_do_not_add_up_are_refused(data: bytes) -> None:
    """A cut or garbled file is not JSON, and the message says where."""
    with pytest.raises(RejectedError, match=r"^not JSON: .* byte") as caught:
        _split(data)

    assert caught.value.reason is Reason.BAD_JSON


@pytest.mark.parametrize("found", [b"1", b'"x"', b"{}", b"true"])
def test_records_that_are_no_list_are_refused(found: bytes) -> None:
    """``Records`` must hold a list."""
    with pytest.raises(RejectedError) as caught:
        _split(b'{"Records":' + found + b"}")

    assert caught.value.reason is Reason.NOT_RECORDS


def test_more_brackets_than_any_file_has_are_refused_at_once() -> None:
    """A gigabyte of them would keep a thread busy for half an hour."""
    data = b"[" + b"[]," * 2**24 + b"[]]"

    with pytest.raises(RejectedError, match="more than 16777216 objects") as caught:
        next(record_spans(data))

    assert caught.value.reason is Reason.TOO_MANY_RECORDS
