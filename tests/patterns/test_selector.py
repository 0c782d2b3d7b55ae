"""Selectors: what they parse to and what they lead to."""

from typing import Any

import pytest

from relay.patterns import (
    MISSING,
    Index,
    Name,
    PatternError,
    Selector,
    Step,
    Wildcard,
    parse_selector,
    resolve_steps,
)

EVENT: dict[str, Any] = {
    "user": {"name": "alice", "tags": [{"k": 1}, {"k": None}, {}, 7]},
    "a.b c": {"deep": True},
    "none": None,
    "empty": [],
}


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$.user", (Name("user"),)),
        ("$.user.name", (Name("user"), Name("name"))),
        ("$.detail-type", (Name("detail-type"),)),
        ("$.größe_1", (Name("größe_1"),)),
        ("$.l[0][12]", (Name("l"), Index(0), Index(12))),
        ("$.['a.b c'].x", (Name("a.b c"), Name("x"))),
        ("$.a['b']['c']", (Name("a"), Name("b"), Name("c"))),
        ("$.*", (Wildcard(),)),
        ("$.a[*].b", (Name("a"), Wildcard(), Name("b"))),
        ("$.a.*.b", (Name("a"), Wildcard(), Name("b"))),
    ],
)
def test_steps(text: str, steps: tuple[Step, ...]) -> None:
    """A selector is read step by step and keeps its text."""
    selector = parse_selector(text)

    assert selector.steps == steps
    assert selector.text == text
    assert selector.has_wildcard is (Wildcard() in steps)


def test_spelling_makes_no_difference() -> None:
    """Two ways of writing the same path are the same selector."""
    assert parse_selector("$.a.*") == parse_selector("$.['a'][*]")
    assert len({parse_selector("$.a"), parse_selector("$.['a']")}) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$.user.name", "alice"),
        ("$.user.tags[0].k", 1),
        ("$.['a.b c'].deep", True),
        ("$.none", None),
        ("$.none.x", MISSING),
        ("$.nobody", MISSING),
        ("$.user.name.first", MISSING),
        ("$.user.tags[4]", MISSING),
        ("$.user[0]", MISSING),
        ("$.user.tags.k", MISSING),
        ("$.user.tags[*].k", [1, None]),
        ("$.user.tags[*]", EVENT["user"]["tags"]),
        ("$.user.*", list(EVENT["user"].values())),
        ("$.empty[*]", []),
        ("$.none[*]", []),
        ("$.user.name[*]", []),
        ("$.nobody[*]", MISSING),
        ("$.empty[0].*", MISSING),
    ],
)
def test_resolve(text: str, value: object) -> None:
    """A selector leads to a value, to a list under a wildcard, or nowhere."""
    assert parse_selector(text).resolve(EVENT) == value


def test_resolve_steps_takes_any_steps() -> None:
    """Bare steps resolve like a selector; none at all lead to the value itself."""
    assert resolve_steps((), 5) == 5
    assert resolve_steps((Wildcard(), Name("k")), [{"k": 1}, {}]) == [1]


@pytest.mark.parametrize(
    ("text", "position"),
    [("", 0), ("user", 0), ("$.a ", 3), ("$.a = 1", 3), ("$.a" + "b" * 1024, 1024)],
)
def test_a_selector_stands_alone(text: str, position: int) -> None:
    """Text that is no selector, or more than one, is refused where it ceases to be."""
    with pytest.raises(PatternError) as caught:
        parse_selector(text)

    assert caught.value.position == position


def test_text_is_no_part_of_equality() -> None:
    """Selectors made by hand equal parsed ones with the same steps."""
    assert Selector((Name("a"),), text="anything") == parse_selector("$.a")
