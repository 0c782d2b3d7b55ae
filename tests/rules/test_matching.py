"""Many patterns at once match what each of them matches alone."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import Record
from relay.patterns import Pattern, PatternError, compile_pattern
from relay.rules.matching import Matcher
from relay.trail.gunzip import decompress
from relay.trail.projection import Projection
from relay.trail.records import split_records
from tests.rules.generated import (
    NAMES,
    event_texts,
    pattern_texts,
    record_of,
    unread,
)

_DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def _found(matcher: Matcher, record: Record) -> list[int]:
    return list(matcher.matching(record))


def _compile(*texts: str) -> tuple[list[Pattern], Projection, Matcher]:
    patterns = [compile_pattern(text, extensions=True, lists=NAMES) for text in texts]
    projection = Projection(
        selector for pattern in patterns for selector in pattern.selectors
    )
    return patterns, projection, Matcher(patterns, projection)


@given(
    texts=st.lists(pattern_texts, max_size=6),
    events=st.lists(event_texts, max_size=12),
)
def test_all_at_once_equals_one_by_one(texts: list[str], events: list[str]) -> None:
    """For any patterns and events in any order, with the cache warm or not."""
    patterns, projection, matcher = _compile(*texts)
    data = f"[{','.join(events)}]".encode()
    records = split_records(data, projection, max_records=100).records
    expected = [
        [place for place, one in enumerate(patterns) if one.matches(record.message)]
        for record in records
    ]

    assert [_found(matcher, record) for record in records] == expected
    assert [_found(matcher, record) for record in records] == expected


def test_equal_keys_of_different_types_are_kept_apart() -> None:
    """1, 1.0 and true are one key to a dict, but not to a pattern."""
    _, projection, matcher = _compile(
        "{ $.eventName IS TRUE }", '{ $.eventName = "1" }', '{ $.eventName = "1.0" }'
    )
    names = ("true", "1", "1.0", '"1"', "true")

    found = [
        list(matcher.matching(record_of(projection, text)))
        for text in (f'{{"eventName":{name}}}' for name in names)
    ]

    assert found == [[0], [1], [2], [1], [0]]


def test_a_record_that_nothing_could_read_matches_nothing() -> None:
    """Not even NOT EXISTS."""
    _, projection, matcher = _compile("{ $.eventName NOT EXISTS }")

    assert list(matcher.matching(unread("null"))) == []
    assert list(matcher.matching(record_of(projection, "{}"))) == [0]


def test_the_cache_is_bounded() -> None:
    """However many values come, and of whatever length, it does not grow on."""
    patterns, projection, _ = _compile(
        "{ $.eventName = A7 }", "{ $.eventName = A* && $.x = 1 }"
    )
    matcher = Matcher(patterns, projection, capacity=50)
    records = [
        record_of(projection, json.dumps({"eventName": name, "x": 1}))
        for name in (*(f"A{n}" for n in range(500)), "A" * 257, "B")
    ]

    found = [list(matcher.matching(record)) for record in records]
    kept = [len(str(name)) for key in matcher._plans._by_key for name in key]

    assert max(kept) < 257
    assert found[7] == [0, 1]
    assert found.count([1]) == 500
    assert found[-1] == []
    assert 0 < len(matcher._plans._by_key) <= 25


def test_patterns_of_all_kinds_stand_side_by_side() -> None:
    """Those that read the record as text find it, also one that nothing could parse."""
    texts = ("{ $.x = 1 }", "Denied", "%Den.ed%", "[a, b]", "-Denied", "{ $.y = 1 }")
    _, projection, matcher = _compile(*texts)
    message = '{"x":1, "errorCode":"AccessDenied"}'

    found = matcher.matching(record_of(projection, message))
    untold = matcher.matching(unread("neither JSON nor Denied"))

    assert list(found) == [0, 1, 2, 3]
    assert list(untold) == [1, 2, 3]


@pytest.mark.skipif(not _DATA.is_dir(), reason="needs the folder of real data")
def test_patterns_in_the_wild_over_real_records() -> None:
    """Hundreds of patterns find in real records what each of them finds alone."""
    lines = (_DATA / "patterns_in_the_wild.jsonl").read_text().splitlines()
    texts = {json.loads(line)["pattern"] for line in lines}
    usable = [text for text in sorted(texts) if _is_json_pattern(text)]
    patterns, projection, matcher = _compile(*usable)
    found = 0
    for path in sorted((_DATA / "objects").rglob("*.json.gz"))[::11]:
        data = decompress(path.read_bytes(), max_bytes=2**30)
        for record in split_records(data, projection, max_records=10**6).records:
            expected = [
                place
                for place, one in enumerate(patterns)
                if one.matches(record.message)
            ]
            assert _found(matcher, record) == expected
            found += len(expected)
    assert len(usable) > 100
    assert found > 0


def _is_json_pattern(text: str) -> bool:
    try:
        return compile_pattern(text).condition is not None
    except PatternError:
        return False
