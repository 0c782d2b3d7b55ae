"""Projection: partly decoded records answer as wholly parsed ones do."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.patterns import MISSING, Name, Selector, parse_selector
from relay.patterns.message import parse_message
from relay.trail.projection import IDENTITY, REFUSED, Projection
from tests.trail.generated import record_texts, selectors


@given(
    text=record_texts(),
    chosen=st.lists(selectors() | st.just(parse_selector("$.*.a")), max_size=6),
)
def test_getters_agree_with_resolve(text: str, chosen: list[Selector]) -> None:
    """A getter gives for the decoded record what its selector does for the parsed one.

    Both ways of decoding, and whatever other selectors share the projection.
    """
    projection = Projection(chosen)
    event = parse_message(text)
    expected = [repr(one.resolve(event)) for one in (*IDENTITY, *chosen)]
    getters = [projection.getter(one) for one in (*IDENTITY, *chosen)]
    leniently = projection.decode_leniently(text)

    assert [repr(get(leniently)) for get in getters] == expected
    try:
        fields = projection.decode(text.encode())
    except REFUSED:
        return
    assert [repr(get(fields)) for get in getters] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": {"b": 1}}', 1),
        ('{"a": {"b": {"c": [1.0, null, "x"]}}}', {"c": [1.0, None, "x"]}),
        ('{"a": {"b": 1}, "a": {"x": 1}}', MISSING),
        ('{"a": {"b": 1}, "a": {"b": 2}}', 2),
        (
            '{"\\u0061": {"b": 123456789012345678901234567890}}',
            123456789012345678901234567890,
        ),
        ('{"a": "text"}', MISSING),
        ('{"a": [{"b": 1}]}', MISSING),
        ('{"a": true}', MISSING),
        ('{"a": 1.5}', MISSING),
        ('{"a": null}', MISSING),
        ("{}", MISSING),
    ],
)
def test_any_json_may_stand_anywhere(text: str, expected: object) -> None:
    """What stands where an object is expected does not matter; the last name counts."""
    selector = parse_selector("$.a.b")
    projection = Projection([selector])

    assert projection.getter(selector)(projection.decode(text.encode())) == expected


def test_fields_that_no_rule_reads_are_not_built() -> None:
    """The decoded record holds the selected fields only."""
    projection = Projection([parse_selector("$.a")])

    fields = projection.decode(b'{"a": 1, "unread": "secret", "eventID": "i"}')

    assert "secret" not in repr(fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"a": 1e309}', float("inf"), id="beyond-a-double"),
        pytest.param('{"a": "\\ud800"}', "\ud800", id="half-a-surrogate-pair"),
        pytest.param('{"a": 1, "b": "\\ud800"}', 1, id="half-a-pair-elsewhere"),
        pytest.param('{"a": ' + "9" * 5000 + "}", 10**5000 - 1, id="very-long-integer"),
    ],
)
def test_what_msgspec_refuses_is_decoded_leniently(text: str, expected: object) -> None:
    """JSON that the fast decoder does not take gives its fields all the same."""
    selector = parse_selector("$.a")
    projection = Projection([selector])

    with pytest.raises(REFUSED):
        projection.decode(text.encode())
    fields = projection.decode_leniently(text)
    assert projection.getter(selector)(fields) == expected


@pytest.mark.parametrize(
    "text", ["", "1", "[]", "null", "{", '{"a": NaN}', '{"a":' + "[" * 9999]
)
def test_what_is_no_record_decodes_to_none(text: str) -> None:
    """A text that is no JSON object has no fields at all, not empty ones."""
    assert Projection([]).decode_leniently(text) is None


def test_a_selector_of_the_whole_record_reads_it_whole() -> None:
    """A wildcard at the top makes every field be looked up in the parsed record."""
    everything, name = parse_selector("$.*"), parse_selector("$.a.b")
    projection = Projection([everything, name])
    fields = projection.decode(b'{"a": {"b": 1}, "c": 2}')

    assert projection.getter(everything)(fields) == [{"b": 1}, 2]
    assert projection.getter(name)(fields) == 1
    assert projection.decode_leniently('{"a": 1e309}') == {"a": float("inf")}


def test_a_very_deep_selector_is_followed() -> None:
    """Below the deepest Struct a selector is followed through parsed JSON."""
    selector = Selector(tuple(Name("a") for _ in range(500)), text="$.a...")
    record: object = "end"
    for _ in range(500):
        record = {"a": record}
    projection = Projection([selector])

    fields = projection.decode(json.dumps(record).encode())

    assert projection.getter(selector)(fields) == "end"


@pytest.mark.parametrize("text", ["$.a", "$.other", "$.a.c", "$.*"])
def test_an_unknown_selector_has_no_getter(text: str) -> None:
    """Asking for a field that was not decoded is an error, not a missing value."""
    projection = Projection([parse_selector("$.a.b")])

    for get in (projection.getter, projection.below_leaf):
        with pytest.raises(KeyError):
            get(parse_selector(text))


def test_a_joint_getter_gives_all_values_in_order() -> None:
    """Several selectors are read at once."""
    first, second = parse_selector("$.a.b"), parse_selector("$.c")
    projection = Projection([first, second])
    get = projection.joint_getter([second, first])

    assert get(projection.decode(b'{"a": {"b": 1}}')) == (MISSING, 1)


@given(text=record_texts(), chosen=st.lists(selectors(), max_size=6))
def test_joint_and_leaf_getters_agree_with_getters(
    text: str, chosen: list[Selector]
) -> None:
    """Read together or from the leaf on, each selector leads to the same."""
    projection = Projection(chosen)
    fields = projection.decode_leniently(text)
    expected = [repr(projection.getter(one)(fields)) for one in chosen]
    ways = [projection.below_leaf(one) or (lambda leaf: leaf) for one in chosen]

    jointly = projection.joint_getter(chosen)(fields)
    leaves = projection.leaf_getter(chosen)(fields)

    assert list(map(repr, jointly)) == expected
    assert [
        repr(MISSING if leaf is MISSING else lead_on(leaf))
        for leaf, lead_on in zip(leaves, ways, strict=True)
    ] == expected


def test_leaves_of_a_record_read_whole_are_the_record() -> None:
    """Where a selector starts with a wildcard there are no leaves but the record."""
    everything, name = parse_selector("$.*"), parse_selector("$.a")
    projection = Projection([everything, name])
    record = projection.decode(b'{"a": 1}')
    lead_on = projection.below_leaf(name)

    assert projection.leaf_getter([name, everything])(record) == (record, record)
    assert lead_on is not None
    assert lead_on(record) == 1
