"""Residuals behind gates: found by whatever stands in the field, and bounded."""

import json
from collections.abc import Sequence

from relay.patterns import compile_pattern
from relay.rules.matching import Matcher
from relay.trail.projection import Projection
from tests.rules.generated import record_of


def _matcher(*texts: str, capacity: int = 1_000) -> tuple[Projection, Matcher]:
    patterns = [compile_pattern(text) for text in texts]
    projection = Projection(
        selector for pattern in patterns for selector in pattern.selectors
    )
    return projection, Matcher(patterns, projection, capacity=capacity)


def _found(projection: Projection, matcher: Matcher, event: object) -> Sequence[int]:
    text = json.dumps(event)
    return list(matcher.matching(record_of(projection, text)))


def test_values_that_are_equal_to_a_dict_are_told_apart() -> None:
    """1, 1.0 and true behind one gate, alone and beside a text, cold and warm."""
    projection, matcher = _matcher(
        "{ $.readOnly IS TRUE }",
        "{ $.readOnly = 1 }",
        '{ $.readOnly = "1.0" }',
        "{ $.readOnly IS NULL }",
        "{ $.userAgent = x* }",
    )
    events = [{"readOnly": value} for value in (True, 1, 1.0, None, False, "1", [1])]

    cold = [_found(projection, matcher, event) for event in events]
    found = [_found(projection, matcher, event) for event in events]
    with_agent = [
        _found(projection, matcher, {**event, "userAgent": "xy"}) for event in events
    ]

    assert cold == found
    assert found == [[0], [1], [1, 2], [3], [], [1], []]
    assert with_agent == [[*positions, 4] for positions in found]


def test_operands_of_an_or_have_gates_of_their_own() -> None:
    """A pattern is found once, also when several of its operands hold."""
    projection, matcher = _matcher(
        "{ $.a = x || $.b = y* || $.c NOT EXISTS }", "{ $.a = x && $.b != z }"
    )

    found = [
        _found(projection, matcher, event)
        for event in (
            {"a": "x", "b": "yes", "c": 1},
            {"a": "x", "b": "z", "c": 1},
            {"b": "yes", "c": 1},
            {"a": "-", "b": "-", "c": 1},
            {},
        )
    ]

    assert found == [[0, 1], [0], [0], [], [0]]


def test_a_gate_below_a_list_is_followed() -> None:
    """The gate's field is looked for in whatever stands at its leaf."""
    projection, matcher = _matcher(
        "{ $.request.commands[0] = run* }", "{ $.request.items[*].id = i1 }"
    )

    requests: list[object] = [
        {"commands": ["run it"], "items": [{"id": "i1"}, {}]},
        {"commands": "run it"},
        {"commands": []},
        {"items": []},
        None,
        "text",
    ]

    found = [_found(projection, matcher, {"request": one}) for one in requests]

    assert found == [[0, 1], [], [], [], [], []]


def test_values_without_number_do_not_fill_the_memory() -> None:
    """Each event with another address; plans stay, outcomes by value are let go."""
    projection, matcher = _matcher(
        "{ $.eventName = A && $.sourceIPAddress = 10.* }",
        "{ $.sourceIPAddress = *.7 && $.userAgent = x }",
        capacity=40,
    )
    plans = matcher._plans

    for number in range(500):
        event = {"eventName": "A", "sourceIPAddress": f"10.0.0.{number}"}
        assert _found(projection, matcher, event) == [0]
        assert sum(map(len, plans._memories.values())) <= 80
        assert len(plans._by_key) == 1
    assert _found(
        projection, matcher, {"sourceIPAddress": "192.0.2.7", "userAgent": "x"}
    ) == [1]


def test_a_long_value_is_not_kept() -> None:
    """Its outcome is found each time."""
    projection, matcher = _matcher("{ $.userAgent = x* }")
    event = {"userAgent": "x" * 257}

    found = [_found(projection, matcher, event) for _ in range(2)]

    assert found == [[0], [0]]
    assert not any(matcher._plans._memories.values())


def test_everything_may_be_let_go_in_between() -> None:
    """With room for next to nothing the answers are the same."""
    texts = (
        "{ $.eventName = A* && $.x = 1 }",
        "{ $.eventName = A1 && ($.userAgent = u || $.y NOT EXISTS) }",
        "{ $.sourceIPAddress != 10.* && $.userAgent = u }",
    )
    projection, tight = _matcher(*texts, capacity=3)
    events = [
        {"eventName": f"A{number % 3}", "x": number % 2, "userAgent": "uv"[number % 2]}
        | ({"sourceIPAddress": f"{number}.0"} if number % 5 else {"y": 1})
        for number in range(60)
    ]

    for event in events:
        record = record_of(projection, json.dumps(event))
        expected = [
            place
            for place, text in enumerate(texts)
            if compile_pattern(text).matches(json.dumps(event))
        ]
        assert list(tight.matching(record)) == expected
