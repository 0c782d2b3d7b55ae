"""The largest members of a JSON object are replaced, and all others stay."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.logs.members import (
    MAX_DEPTH,
    MAX_OMITTED,
    MAX_PARTS,
    MAX_PATH_LENGTH,
    Kept,
    kept_by,
    shrink_object,
)
from relay.patterns import MISSING, parse_selector
from relay.trail.projection import Projection

LARGE = "x" * 5_000
ROOM_BYTES = 4_000

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just(LARGE)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    ),
    max_leaves=20,
)
_OBJECTS = st.dictionaries(st.sampled_from("abcd"), _VALUES, max_size=4)
_SELECTORS = st.lists(
    st.sampled_from(["$.a", "$.a.b", "$.b.a.c", "$.c[0].a", "$.d[*]", "$.c.a"]),
    max_size=4,
)


def compact(value: object) -> bytes:
    """Return JSON as CloudTrail writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def shrunk(
    value: object, kept: Kept | None = None, *, most_bytes: int = ROOM_BYTES
) -> tuple[dict[str, Any], list[str]]:
    """Return what is left of ``value``, parsed, and what was omitted."""
    found = shrink_object(compact(value), kept or {}, most_bytes=most_bytes)
    assert found is not None
    members, omitted = found
    text = msgspec.json.encode(members)
    assert len(text) <= most_bytes
    return json.loads(text), omitted


def marker(value: object) -> dict[str, object]:
    """Return what stands for ``value``."""
    text = compact(value)
    return {
        "relayOmitted": {"bytes": len(text), "sha256": sha256(text).hexdigest()},
    }


def keep(*selectors: str) -> Kept:
    """Return what rules with these selectors keep."""
    kept = kept_by(Projection(map(parse_selector, selectors)).type)
    assert kept is not None
    return kept


def test_what_rules_read_is_kept() -> None:
    """The members of the projection: whole at a selector's end, else those below."""
    assert keep("$.userIdentity.arn", "$.resources[*].ARN") == {
        "userIdentity": {"arn": None},
        "resources": None,
        "eventTime": None,
        "eventID": None,
        "eventId": None,
        "timeWindow": {"windowEnd": None},
    }


def test_a_rule_that_reads_every_member_keeps_all() -> None:
    """``$.*`` is about the whole record."""
    assert kept_by(Projection([parse_selector("$.*")]).type) is None


def test_what_fits_is_left_alone() -> None:
    """Nothing is replaced when nothing has to be."""
    assert shrunk({"a": 1, "b": LARGE}, most_bytes=6_000) == ({"a": 1, "b": LARGE}, [])


def test_the_largest_members_go_first() -> None:
    """No more go than is needed, each replaced by its size and hash."""
    record = {f"m{size}": "x" * size for size in (600, 3_000, 2_000, 1_000, 4_000)}

    found, omitted = shrunk(record)

    assert omitted == ["$.m4000", "$.m3000"]
    assert found == record | {
        "m4000": marker(record["m4000"]),
        "m3000": marker(record["m3000"]),
    }


def test_members_that_stay_are_not_changed_by_a_byte() -> None:
    """Numbers, escapes and blanks within a member remain as they were written."""
    text = b'{"n": 1.10e2, "s": {"\\u00e9": [1 ,  2]}, "big": "%b"}' % LARGE.encode()

    found = shrink_object(text, {}, most_bytes=ROOM_BYTES)

    assert found is not None
    assert {name: bytes(raw) for name, raw in found[0].items() if name != "big"} == {
        "n": b"1.10e2",
        "s": b'{"\\u00e9": [1 ,  2]}',
    }


def test_only_the_large_part_of_a_member_goes() -> None:
    """A policy document is replaced, not the request that it was part of."""
    document = "x" * 6_000
    record = {
        "requestParameters": {"policyDocument": document, "roleName": "r"},
        "items": [1, {"deep": LARGE}, 2],
    }

    found, omitted = shrunk(record, most_bytes=1_000)

    assert omitted == ["$.requestParameters.policyDocument", "$.items[1].deep"]
    assert found == {
        "requestParameters": {"policyDocument": marker(document), "roleName": "r"},
        "items": [1, {"deep": marker(LARGE)}, 2],
    }


def test_many_small_parts_go_together() -> None:
    """A list of a thousand items is replaced as a whole, not item by item."""
    items = [{"name": f"item-{number}"} for number in range(1_000)]

    found, omitted = shrunk({"id": 1, "request": {"items": items, "name": "n"}})

    assert omitted == ["$.request.items"]
    assert found == {"id": 1, "request": {"items": marker(items), "name": "n"}}


def test_what_is_kept_stays_however_large() -> None:
    """Beside it everything large goes, within the same member as well."""
    record = {
        "a": {"read": "r" * 3_000, "b": {"read": "s", "not": LARGE}, "not": LARGE},
        "c": LARGE,
    }
    kept = {"a": {"read": None, "b": {"read": None}}}

    found, omitted = shrunk(record, kept)

    assert sorted(omitted) == ["$.a.b.not", "$.a.not", "$.c"]
    assert found["a"]["read"] == "r" * 3_000
    assert found["a"]["b"]["read"] == "s"


@pytest.mark.parametrize("value", [[LARGE], LARGE])
def test_where_a_rule_finds_nothing_nothing_is_kept(value: object) -> None:
    """A selector leads into objects only: a list or text in the place may go."""
    found, omitted = shrunk({"a": value}, {"a": {"read": None}})

    assert len(omitted) == 1
    assert "relayOmitted" in json.dumps(found)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param({"a": LARGE}, {"a": None}, id="all of it is kept"),
        pytest.param(
            {str(number): "x" * 100 for number in range(100)}, {}, id="small members"
        ),
        pytest.param(
            {str(number): "x" * 600 for number in range(100)}, {}, id="too many"
        ),
        pytest.param({"a" * 5_000: 1}, {}, id="a large name"),
        pytest.param([LARGE], {}, id="a list"),
        pytest.param(LARGE, {}, id="a string"),
        pytest.param({}, {}, id="nothing in it"),
    ],
)
def test_what_cannot_be_shrunk(value: object, kept: Kept) -> None:
    """None says that there is no way, whatever the reason is."""
    assert shrink_object(compact(value), kept, most_bytes=ROOM_BYTES) is None


@pytest.mark.parametrize(
    "text",
    [b"", b"  ", b"{", b'{"a":1} x', b'{"a":' * 5_000, b'{"a":"\\ud800"}'],
    ids=["empty", "blank", "open", "trailing", "deep", "half a surrogate pair"],
)
def test_what_is_not_readable(text: bytes) -> None:
    """Broken JSON, JSON that nests without end, and what msgspec does not read."""
    assert shrink_object(text, {}, most_bytes=0) is None


def test_too_many_parts_are_not_taken_apart() -> None:
    """Memory is bounded: a member of very many parts goes or stays as a whole."""
    swarm = b"[" + b"1," * MAX_PARTS + b'"%b"]' % (b"x" * 2**21)
    record = b'{"a":%b}' % swarm

    assert shrink_object(record, {}, most_bytes=ROOM_BYTES) is None


def test_a_kept_member_that_is_too_deep_stays() -> None:
    """Others go in its place, if that is enough."""
    kept: Kept = {"read": None}
    read: object = {"read": "r" * 6_000}
    for _ in range(MAX_DEPTH):
        kept, read = {"a": kept}, {"a": read}

    found, omitted = shrunk({"a": read, "b": LARGE}, {"a": kept}, most_bytes=8_000)

    assert omitted == ["$.b"]
    assert found["a"] == read


def test_deep_members_go_where_the_depth_ends() -> None:
    """Work is bounded: below so many levels nothing is looked for."""
    text = b'{"a":' * 100 + compact(LARGE) + b"}" * 100

    found = shrink_object(text, {}, most_bytes=ROOM_BYTES)

    assert found is not None
    assert found[1] == ["$" + ".a" * MAX_DEPTH]


def test_no_more_than_so_many_are_replaced() -> None:
    """Up to the bound each member is named."""
    record = {f"m{number}": LARGE for number in range(MAX_OMITTED)}

    found, omitted = shrunk(record, most_bytes=MAX_OMITTED * 150)

    assert sorted(omitted) == sorted(f"$.{name}" for name in record)
    assert all("relayOmitted" in value for value in found.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain_name-1", "$.plain_name-1"),
        ("with.dot", "$.['with.dot']"),
        ("é", "$.['é']"),
        ("n" * 300, ("$." + "n" * 300)[:MAX_PATH_LENGTH] + "…"),
    ],
)
def test_selectors_of_what_is_omitted(name: str, expected: str) -> None:
    """They can be used as selectors, and are bounded in length."""
    _, omitted = shrunk({name: LARGE})

    assert omitted == [expected]


def test_of_members_with_the_same_name_the_last_counts() -> None:
    """As everywhere with JSON from CloudWatch Logs; the earlier ones go."""
    text = b'{"a":"%b","a":"last"}' % LARGE.encode()

    found = shrink_object(text, {}, most_bytes=6_000)

    assert found is not None
    assert msgspec.json.encode(found[0]) == b'{"a":"last"}'


@given(_OBJECTS, _SELECTORS)
def test_what_rules_read_is_the_same_afterwards(
    record: dict[str, Any], selectors: list[str]
) -> None:
    """Every selector finds in what is left what it found before; all other members are
    as before or replaced, and named."""
    kept = keep(*selectors)

    found = shrink_object(compact(record), kept, most_bytes=ROOM_BYTES)

    if found is None:
        return
    text = msgspec.json.encode(found[0])
    left = json.loads(text)
    assert len(text) <= ROOM_BYTES
    for selector in map(parse_selector, selectors):
        if selector.resolve(record) is not MISSING:
            assert selector.resolve(left) == selector.resolve(record)
    assert sorted(found[1]) == sorted(_replaced("$", record, left))


def _replaced(path: str, before: object, after: object) -> Iterator[str]:
    """Yield the paths at which ``after`` has something else, which must be a marker."""
    if after == before:
        return
    if (
        isinstance(before, dict)
        and isinstance(after, dict)
        and set(after) == set(before)
    ):
        for name in before:
            yield from _replaced(f"{path}.{name}", before[name], after[name])
    elif isinstance(before, list) and isinstance(after, list):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _replaced(f"{path}[{index}]", old, new)
    else:
        assert after == marker(before)
        yield path
