"""Why a message matches: each part of a pattern, and what it saw."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import PAIRS
from relay.patterns import (
    MISSING,
    ConditionResult,
    Explanation,
    PatternError,
    compile_pattern,
)
from relay.patterns.explain import MAX_SEEN
from tests.patterns.generated import EVENTS, EXTENDED_TREES, TREES
from tests.patterns.reference import Condition
from tests.patterns.tables import read_table

LISTS = {"names": ["xy"]}


def explain(text: str, message: str) -> Explanation:
    """Explain a pattern that may use extensions."""
    return compile_pattern(text, extensions=True, lists=LISTS).explain(message)


def parts(explanation: Explanation) -> list[tuple[str, object, bool]]:
    """Return text, what was seen and whether it held for each part."""
    return [(part.text, part.seen, part.held) for part in explanation.conditions]


@given(condition=TREES | EXTENDED_TREES, event=EVENTS)
@settings(max_examples=100, deadline=None)
def test_explanations_agree_with_matches(
    condition: Condition, event: dict[str, object]
) -> None:
    """An explanation comes to what ``matches`` says, and quotes the pattern."""
    text = f"{{ {condition.write()} }}"
    try:
        pattern = compile_pattern(text, extensions=True, lists=LISTS)
    except PatternError:
        return
    message = json.dumps(event)

    explanation = pattern.explain(message)

    assert explanation.matches is pattern.matches(message)
    for part in explanation.conditions:
        end = part.position + len(part.text)
        assert text[part.position : end] == part.text
        alone = compile_pattern(f"{{ {part.text} }}", extensions=True, lists=LISTS)
        assert part.held is alone.matches(message)


@given(
    pattern=st.sampled_from(
        [pattern for pattern, _ in PAIRS if not pattern.startswith(("{", "%("))]
        + [row["pattern"] for row in read_table("space_patterns.json")]
        + [row["pattern"] for row in read_table("text_patterns.json")]
    ),
    message=st.text('ab1 "[]', max_size=20)
    | st.sampled_from([message for _, message in PAIRS]),
)
@settings(max_examples=200, deadline=None)
def test_explanations_of_text_agree_with_matches(pattern: str, message: str) -> None:
    """The same for the kinds that read the message as text."""
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return

    explanation = compiled.explain(message)

    assert explanation.matches is compiled.matches(message)
    for part in explanation.conditions:
        end = part.position + len(part.text)
        assert pattern[part.position : end] == part.text
    if compiled.kind == "space":
        held = all(part.held for part in explanation.conditions)
        assert held is explanation.matches


def test_json_conditions_in_reading_order() -> None:
    """Each condition has its text, its place and the value, decided or not."""
    explanation = explain(
        '{ ($.a = "x" && $.b > 1) || $.c EXISTS }', '{"a": "y", "b": 2}'
    )

    assert explanation == Explanation(
        matches=False,
        conditions=(
            ConditionResult('$.a = "x"', 3, ("y",), held=False),
            ConditionResult("$.b > 1", 16, (2,), held=True),
            ConditionResult("$.c EXISTS", 28, MISSING, held=False),
        ),
    )


@pytest.mark.parametrize(
    ("text", "message", "seen", "held"),
    [
        ("$.a[*] = 1", '{"a": [1, "x", null]}', (1, "x", None), True),
        ("$.a[*] = 1", '{"a": []}', (), False),
        ("$.a[*] = 1", '{"b": 1}', MISSING, False),
        ("$.a[*].b NOT EXISTS", '{"a": [{"c": 1}]}', (), True),
        ("$.a IS NULL", '{"a": null}', (None,), True),
        ("$.a.b IS NULL", '{"a": null}', MISSING, False),
        ("$.a NOT IN @names", '{"a": "x"}', ("x",), True),
        ("$.a ~= X", '{"a": "x"}', ("x",), True),
        ("$.a = 1", '{"a": [1]}', ([1],), False),
        ("$.a = *", f'{{"a": {"1" * 5000}}}', (Decimal("1" * 5000),), True),
        ("$.a[*] = 19", json.dumps({"a": [*range(30)]}), tuple(range(20)), True),
        ("$.a[*] = 29", json.dumps({"a": [*range(30)]}), tuple(range(20)), True),
    ],
)
def test_what_a_selector_sees(
    text: str, message: str, seen: object, held: bool
) -> None:
    """The value, all values up to the limit, or that there is none."""
    (part,) = explain(f"{{ {text} }}", message).conditions

    assert (part.text, part.seen, part.held) == (text, seen, held)


@pytest.mark.parametrize("message", ["text", "[]", "", '{"a": 1} x', '{"a":' * 5000])
def test_a_message_that_is_no_object(message: str) -> None:
    """It is asked nothing, and the reason is told."""
    explanation = explain("{ $.a NOT EXISTS }", message)

    assert not explanation.matches
    assert explanation.conditions == ()
    assert "not one JSON object" in str(explanation.reason)


def test_terms() -> None:
    """A term holds when it is found, with ``-`` when it is not."""
    explanation = explain('disk -full "no space" -cpu', "disk: no space, cpu ok")

    assert parts(explanation) == [
        ("disk", ("disk",), True),
        ("-full", MISSING, True),
        ('"no space"', ("no space",), True),
        ("-cpu", ("cpu",), False),
    ]
    assert [part.position for part in explanation.conditions] == [0, 5, 11, 22]
    assert not explanation.matches


def test_terms_that_do_not_count_are_marked() -> None:
    """Optional terms are ignored next to others, and only there."""
    ignored = explain("?a b", "b").conditions
    counted = explain("?a ?b", "b").conditions

    assert [part.is_ignored for part in ignored] == [True, False]
    assert [part.is_ignored for part in counted] == [False, False]
    assert [part.held for part in counted] == [False, True]


def test_no_terms() -> None:
    """A pattern without terms has no parts, and matches."""
    assert explain(" ", "x") == Explanation(matches=True, conditions=())


def test_entries_with_their_tokens() -> None:
    """Each entry sees its token; an ellipsis those that it stands for."""
    explanation = explain(
        "[ip, (status = 4* && status != 404), ..., bytes > 10 ]", '1.1 "403" a [b c] 7'
    )

    assert parts(explanation) == [
        ("ip", ("1.1",), True),
        ("(status = 4* && status != 404)", ("403",), True),
        ("...", ("a", "b c"), True),
        ("bytes > 10", ("7",), False),
    ]
    assert [part.position for part in explanation.conditions] == [1, 5, 37, 42]
    assert not explanation.matches


def test_the_last_entry_sees_the_rest_of_the_line() -> None:
    """Without an ellipsis it takes what is left."""
    assert parts(explain("[, b]", "1 2  3 ")) == [
        ("", ("1",), True),
        ("b", ("2  3 ",), True),
    ]


@pytest.mark.parametrize(
    ("pattern", "line", "seen"),
    [
        ("[a, b, c]", "1", [("1",), MISSING, MISSING]),
        ("[a, b, ..., c]", "1 2", [("1",), ("2",), (), MISSING]),
        ("[..., a, b]", "1", [(), ("1",), MISSING]),
        ("[a]", "", [MISSING]),
    ],
)
def test_a_line_that_is_too_short(pattern: str, line: str, seen: list[object]) -> None:
    """Entries without a token do not hold, and the reason is told."""
    explanation = explain(pattern, line)

    assert [part.seen for part in explanation.conditions] == seen
    assert not explanation.matches
    assert "the pattern asks for" in str(explanation.reason)


def test_an_ellipsis_shows_a_bounded_number_of_tokens() -> None:
    """A long line is not repeated."""
    explanation = explain("[]", "x " * 100)

    assert explanation.conditions == (
        ConditionResult("", 1, ("x",) * MAX_SEEN, held=True),
    )


@pytest.mark.parametrize(
    ("pattern", "message", "seen"),
    [
        ("%[0-9]+%", "a 12 34", ("12",)),
        ("%a.c%", "aßc", ("aßc",)),
        ("%a$%", "b", MISSING),
        ("%^%", "", ("",)),
    ],
)
def test_what_a_regular_expression_finds(
    pattern: str, message: str, seen: object
) -> None:
    """The text of the first match."""
    explanation = explain(pattern, message)

    assert parts(explanation) == [(pattern, seen, seen is not MISSING)]
    assert explanation.matches is (seen is not MISSING)
