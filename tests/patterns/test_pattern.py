"""Whole patterns of all four kinds, against tables of messages."""

from typing import Any

import pytest

from relay.patterns import PatternError, PatternKind, compile_pattern
from tests.patterns.tables import read_table

JSON_PATTERNS = read_table("json_patterns.json")
TEXT_PATTERNS = read_table("text_patterns.json")
SPACE_PATTERNS = read_table("space_patterns.json")
INVALID_PATTERNS = read_table("invalid_patterns.json")


@pytest.mark.parametrize(
    "row", JSON_PATTERNS + TEXT_PATTERNS, ids=lambda row: str(row["rule"])
)
def test_messages_match_or_not(row: dict[str, Any]) -> None:
    """A pattern matches the messages that its rule says, and no other."""
    pattern = compile_pattern(row["pattern"])

    assert [m for m in row["hits"] if not pattern.matches(m)] == []
    assert [m for m in row["misses"] if pattern.matches(m)] == []


@pytest.mark.parametrize("row", SPACE_PATTERNS, ids=lambda row: str(row["rule"]))
def test_space_delimited_patterns_extract_tokens(row: dict[str, Any]) -> None:
    """A space-delimited pattern gives each token its name or number, in order."""
    pattern = compile_pattern(row["pattern"])

    extracted = pattern.extract(row["line"])

    assert extracted == row["extracted"]
    assert list(extracted or {}) == list(row["extracted"] or {})
    assert pattern.matches(row["line"]) is (extracted is not None)


@pytest.mark.parametrize("row", INVALID_PATTERNS, ids=lambda row: str(row["pattern"]))
def test_what_aws_refuses_is_refused(row: dict[str, Any]) -> None:
    """The error tells where the fault is, and AWS's own text where it is known."""
    with pytest.raises(PatternError) as caught:
        compile_pattern(row["pattern"])

    assert (caught.value.position, caught.value.aws_text) == (
        row["position"],
        row["aws"],
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{ $.a = 1 }", PatternKind.JSON),
        ("[a]", PatternKind.SPACE),
        ("%a%", PatternKind.REGEX),
        ("a", PatternKind.TERMS),
        ("", PatternKind.TERMS),
    ],
)
def test_the_first_character_picks_the_kind(text: str, kind: PatternKind) -> None:
    """A pattern says which language it is written in."""
    assert compile_pattern(text).kind is kind


@pytest.mark.parametrize("text", ["{ $.a = 1 }", "%1%", "1"])
def test_only_space_delimited_patterns_extract(text: str) -> None:
    """Patterns of the other kinds extract nothing from a match."""
    pattern = compile_pattern(text)

    assert pattern.extract('{"a": 1}') == {}
    assert pattern.extract("{}") is None


def test_1024_characters_are_the_limit() -> None:
    """A pattern of 1024 characters is accepted, one more is not."""
    longest = "a" * 1024

    assert compile_pattern(longest).matches(longest)
    with pytest.raises(PatternError, match="longer than 1024 characters: 1025"):
        compile_pattern(longest + "a")


def test_patterns_are_values() -> None:
    """Patterns are equal, and hash alike, when their texts are."""
    first, second = compile_pattern("{ $.a = 1 }"), compile_pattern("{ $.a = 1 }")

    assert first == second
    assert len({first, second, compile_pattern("{ $.a = 2 }")}) == 2


def test_selectors_are_named() -> None:
    """A JSON pattern tells which fields it reads, each once; others read none."""
    pattern = compile_pattern("{ ($.a.b = 1 || $.c[*] IS NULL) && $.a.b != 2 }")

    assert {selector.text for selector in pattern.selectors} == {"$.a.b", "$.c[*]"}
    assert compile_pattern("[a]").selectors == frozenset()


def test_only_json_patterns_bind() -> None:
    """A pattern that reads the message as text cannot read another representation."""
    with pytest.raises(TypeError, match="kind terms reads no JSON fields"):
        compile_pattern("a").bind(lambda selector: selector.resolve)


def test_a_deeply_nested_message_does_not_match() -> None:
    """A message nested beyond what can be parsed matches nothing and breaks nothing."""
    deep = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"

    assert not compile_pattern("{ $.b NOT EXISTS }").matches(deep)


def test_100_parentheses_are_the_limit() -> None:
    """Parentheses nest a hundred deep, and no deeper, in both kinds that have them."""
    for opener, condition, closer in [("{", "$.a = 1", "}"), ("[", "a = 1", "]")]:
        compile_pattern(opener + "(" * 100 + condition + ")" * 100 + closer)
        with pytest.raises(PatternError, match="more than 100 parentheses"):
            compile_pattern(opener + "(" * 101 + condition + ")" * 101 + closer)


def test_parentheses_side_by_side_do_not_add_up() -> None:
    """Depth is what counts, not the number of parentheses."""
    many = " || ".join(["($.a=1)"] * 90)

    assert compile_pattern(f"{{{many}}}").matches('{"a": 1}')
