"""What patterns may say beyond AWS's language, and that they may not by default."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns import NamedList, Pattern, PatternError, compile_pattern
from relay.patterns.message import parse_message
from tests.patterns.generated import EVENTS, EXTENDED, EXTENDED_TREES, SINGLE
from tests.patterns.reference import NAMES, Condition, evaluate

LISTS = {"names": [text for _, text in NAMES]}


def extended(text: str) -> Pattern:
    """Compile a pattern that may use extensions and the list ``names``."""
    return compile_pattern(text, extensions=True, lists=LISTS)


@given(condition=EXTENDED, events=st.lists(EVENTS, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_single_conditions_do_what_the_rules_say(
    condition: Condition, events: list[dict[str, Any]]
) -> None:
    """Every extension agrees with the reference, wildcards included."""
    matches = extended(f"{{ {condition.write()} }}").matches

    for event in events:
        assert matches(json.dumps(event)) is evaluate(condition, event)


@given(condition=EXTENDED_TREES, events=st.lists(EVENTS, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_joined_conditions_do_what_the_rules_say(
    condition: Condition, events: list[dict[str, Any]]
) -> None:
    """Extensions join with each other and with everything else."""
    text = f"{{ {condition.write()} }}"
    if len(text) > 1024:
        return
    pattern = extended(text)
    test = pattern.bind(lambda selector: selector.resolve)

    for event in events:
        message = json.dumps(event)
        assert pattern.matches(message) is evaluate(condition, event)
        assert test(parse_message(message)) is evaluate(condition, event)


@given(condition=SINGLE)
@settings(max_examples=50, deadline=None)
def test_portable_patterns_use_none(condition: Condition) -> None:
    """A pattern that AWS takes is the same with extensions and names none of them."""
    text = f"{{ {condition.write()} }}"

    assert extended(text).extensions == ()
    assert extended(text).condition == compile_pattern(text).condition


@pytest.mark.parametrize(
    ("text", "position", "aws_text"),
    [
        ("{ $.a IN 10.0.0.0/8 }", 6, "Invalid metric filter pattern"),
        ("{ $.a IN [x] }", 6, "Invalid metric filter pattern"),
        ("{ $.a NOT IN [x] }", 10, "Invalid metric filter pattern"),
        ("{ $.a EXISTS }", 6, "Invalid metric filter pattern"),
        ('{ $.a ~= "x" }', 6, "Invalid character(s) in term '~'"),
        ("{ $.a = %x% || $.a = %y% || $.a = %z% }", 34, None),
        ("[a = %x% || a = %y% || a = %z%, ...]", 27, None),
    ],
)
def test_extensions_are_off_by_default(
    text: str, position: int, aws_text: str | None
) -> None:
    """Without being asked for they are refused as AWS refuses them."""
    with pytest.raises(PatternError) as caught:
        compile_pattern(text, lists={"x": ["a"]})

    assert caught.value.position == position
    assert (aws_text or "maximum of 2 regular expressions") in str(caught.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{ $.a in 10.0.0.0/8 && $.b not in [x] }", ("IN",)),
        ("{ $.a exists || $.b~=x || $.c IN @names }", ("EXISTS", "~=", "IN")),
        ("{ $.a = %x% || $.a = %y% || $.a = %z% }", ("regular expressions",)),
        ("[a = %x% || a = %y% || a = %z%, ...]", ("regular expressions",)),
        ("[a = %x%, ...]", ()),
        ("%x%", ()),
        ("a ~b"[:1], ()),
    ],
)
def test_extensions_in_use_are_named(text: str, names: tuple[str, ...]) -> None:
    """A pattern says which ones it uses, in the order of their first use."""
    assert extended(text).extensions == names


@pytest.mark.parametrize(
    ("text", "hits", "misses"),
    [
        ("IN 10.0.0.0/8", ["10.0.0.0", "::ffff:10.9.9.9"], ["11.0.0.0", "10", 10, "x"]),
        ("IN [ 10.0.0.0/8 , ::1/128 ]", ["10.1.1.1", "0:0::1"], ["::2", "::10.1.1.1"]),
        ("IN ::ffff:10.0.0.0/104", ["10.1.1.1"], ["11.1.1.1", "::10.1.1.1"]),
        ("IN ::/0", ["::1", "fe80::1"], ["10.0.0.1", "::ffff:10.0.0.1"]),
        ("NOT IN 10.0.0.0/8", ["11.0.0.0", "x", 10], ["10.0.0.1", None, True, [], {}]),
        ('IN [A, "B c", C*]', ["A", "B c", "Cx", "C"], ["a", "B", "xC", None, ["A"]]),
        ("IN [1, 2.5]", [1, 1.0, "1", 2.5, "2.5"], ["1.0", 2, True]),
        ('IN ["1", "1.0"]', [1, "1", 1.0, "1.0"], ["01", 10]),
        ("IN [x, %^a%]", ["x", "ab"], ["ba"]),
        ('IN ["10.0.0.0/8"]', ["10.0.0.0/8"], ["10.0.0.1"]),
        ("NOT IN [x, 1]", ["y", 2, 1.5], ["x", 1, "1", None, False, [], {}]),
        ("IN @names", ["xy", "1", 1, "1-2", 12, "172.17.0.1"], ["x", 1.0, None, "173"]),
        ("IN [@names, x]", ["x", "xy"], ["y"]),
        ("NOT IN @names", ["x", 2], ["xy", 1, 112, None]),
        ('~= "x Y"', ["x Y", "X y"], ["xy", None, ["x y"]]),
        ("~= a*Z", ["AbZ", "az"], ["AbZx", True]),
        ("~= Straße", ["STRASSE", "straße"], ["strase"]),
        ("~= 1.50", [1.5, "1.50"], ["1.5"]),
        ("~= 1E5", [100000, "1E5"], []),
        ('~= "1"', [1, "1"], [1.0]),
        ("EXISTS", [None, False, 0, "", [], {}], []),
    ],
)
def test_values(text: str, hits: list[object], misses: list[object]) -> None:
    """An extension holds for the values that its rule says, and for no other."""
    matches = extended(f"{{ $.v {text} }}").matches

    assert [v for v in hits if not matches(json.dumps({"v": v}))] == []
    assert [v for v in misses if matches(json.dumps({"v": v}))] == []
    assert not matches("{}")


@pytest.mark.parametrize(
    ("text", "hits", "misses"),
    [
        ("IN [x]", ['{"v":["y","x"]}'], ['{"v":["y"]}', '{"v":[]}', "{}"]),
        ("NOT IN [x]", ['{"v":["y",null]}', '{"v":[]}', '{"v":1}'], ['{"v":["x"]}']),
        ("~= x", ['{"v":["y","X"]}'], ['{"v":["y"]}', '{"v":"x"}']),
        ("EXISTS", ['{"v":[null]}', '{"v":{"a":1}}'], ['{"v":[]}', '{"v":1}', "{}"]),
    ],
)
def test_wildcards(text: str, hits: list[str], misses: list[str]) -> None:
    """Under a wildcard one value decides; for NOT IN none may be a member."""
    matches = extended(f"{{ $.v[*] {text} }}").matches

    assert [message for message in hits if not matches(message)] == []
    assert [message for message in misses if matches(message)] == []


@pytest.mark.parametrize("path", ["$.a", "$.b.a", "$.b[*].a", "$.a[*]", "$.a[0]"])
@given(event=EVENTS)
@settings(max_examples=50, deadline=None)
def test_exists_is_the_opposite_of_not_exists(
    path: str, event: dict[str, object]
) -> None:
    """Of every object exactly one of the two holds."""
    message = json.dumps(event)
    is_there = extended(f"{{ {path} EXISTS }}").matches(message)

    assert compile_pattern(f"{{ {path} NOT EXISTS }}").matches(message) is not is_there


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("{ $.a IN }", 9, "expected a network such as 10.0.0.0/8, '@' and"),
        ("{ $.a IN x }", 9, "expected a network such as 10.0.0.0/8, '@' and"),
        ("{ $.a IN 10.0.0.1 }", 9, "expected a network such as"),
        ("{ $.a IN [] }", 9, "the list is empty"),
        ("{ $.a IN [ ] }", 9, "the list is empty"),
        ("{ $.a IN [x,] }", 12, "expected a value, found ']'"),
        ("{ $.a IN [x y] }", 12, "expected ',' or ']', found 'y'"),
        ("{ $.a IN [x }", 12, "expected ',' or ']'"),
        ("{ $.a IN [null] }", 10, "'null' is no value"),
        ("{ $.a IN 10.0.0.0/33 }", 9, "'10.0.0.0/33' is no network"),
        ("{ $.a IN 300.0.0.0/8 }", 9, "'300.0.0.0/8' is no network"),
        ("{ $.a IN [x, ::/129] }", 13, "'::/129' is no network"),
        ("{ $.a IN 10.0.0.1/8 }", 9, "bits set beyond its prefix; write 10.0.0.0/8"),
        ("{ $.a IN [a/b] }", 10, "'a/b' is no network such as"),
        ("{ $.a IN 10.0.0.0/255.0.0.0 }", 9, "'10.0.0.0/255.0.0.0' is no network"),
        ("{ $.a IN @ }", 10, "expected the name of a list behind '@'"),
        ("{ $.a IN @nobody }", 9, "no list is named 'nobody'; there are names"),
        ("{ $.a IN [@nobody] }", 10, "no list is named 'nobody'"),
        ("{ $.a ~= %x% }", 9, r"in a regular expression write \[Aa\]"),
        ("{ $.a ~= }", 9, "expected a value"),
        ("{ $.a NOT LIKE x }", 10, "expected EXISTS after NOT, found 'LIKE'"),
        (
            "{ $.a[*] IN [x] && $.a[0][*] IN [x] && $.*.c IN [x] && $.*.d IN [x] }",
            55,
            "more than 3 selectors with a wildcard",
        ),
    ],
)
def test_faults_are_told(text: str, position: int, message: str) -> None:
    """A faulty extension is refused with the place and the reason."""
    with pytest.raises(PatternError, match=message) as caught:
        extended(text)

    assert caught.value.position == position


def test_without_lists_there_are_none() -> None:
    """A name of a list is unknown where no lists are given."""
    with pytest.raises(PatternError, match="'x'; there are none"):
        compile_pattern("{ $.a IN @x }", extensions=True)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "list 'x': the list is empty"),
        (["a", "10.0.0.0/40"], "list 'x': '10.0.0.0/40' is no network"),
    ],
)
def test_a_faulty_list_is_refused_where_it_is_named(
    entries: list[str], message: str
) -> None:
    """The error is about the list and stands at its name in the pattern."""
    with pytest.raises(PatternError, match=message) as caught:
        compile_pattern("{ $.a IN @x }", extensions=True, lists={"x": entries})

    assert caught.value.position == 9


def test_a_compiled_list_is_not_compiled_again() -> None:
    """Patterns share a NamedList, and name it."""
    named = NamedList(["a"])

    patterns = [
        compile_pattern(
            f"{{ $.a IN @x && $.{name} NOT IN @x }}",
            extensions=True,
            lists={"x": named, "y": ["z"]},
        )
        for name in ("b", "c")
    ]

    assert [pattern.lists for pattern in patterns] == [(("x", named),)] * 2
    assert all(pattern.lists[0][1] is named for pattern in patterns)


def test_patterns_of_different_lists_are_different() -> None:
    """A pattern is what its text and its lists are."""
    one, same, other = (
        compile_pattern("{ $.a IN @x }", extensions=True, lists={"x": entries})
        for entries in (["a", "b"], ["b", "a"], ["a"])
    )

    assert one == same
    assert hash(one) == hash(same)
    assert one != other


def test_any_number_of_regular_expressions() -> None:
    """With extensions only the sum of their counts is limited."""
    many = " || ".join(f"$.a = %^{n}$%" for n in range(40))

    assert extended(f"{{ {many} }}").matches('{"a": "39"}')
    with pytest.raises(PatternError, match="more than 1000 counted repetitions"):
        extended("{ $.a = %a{400}% || $.a = %b{400}% || $.a IN [%c{201}%] }")


def test_a_quoted_network_is_warned_of() -> None:
    """In quotes it is a text, which may not be what was meant."""
    warnings = extended('{ $.a IN ["10.0.0.0/8", "x"] }').warnings

    assert len(warnings) == 1
    assert "'10.0.0.0/8' in quotes is compared as a text" in warnings[0]
