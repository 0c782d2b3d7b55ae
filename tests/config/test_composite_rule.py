"""The rules of composite alarms: what they mean, and what is refused in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.composite_rule import CompositeRule, parse_composite_rule
from relay.model import AlarmState
from relay.patterns import PatternError

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
STATES = {"a": ALARM, "b": OK, "c": INSUFFICIENT, "d": ALARM}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE", True),
        ("FALSE", False),
        ("ALARM(a)", True),
        ("OK(a)", False),
        ("INSUFFICIENT_DATA(c)", True),
        ('ALARM("a")', True),
        (" ALARM ( a ) ", True),
        ("ALARM(arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a)", True),
        ("NOT OK(a)", True),
        ("NOT(ALARM(a))", False),
        ("ALARM(a) AND ALARM(b)", False),
        ("ALARM(a) OR ALARM(b)", True),
        # NOT before AND before OR.
        ("NOT ALARM(b) AND ALARM(a)", True),
        ("NOT (ALARM(b) AND ALARM(a))", True),
        ("ALARM(a) OR ALARM(b) AND ALARM(b)", True),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(b)", False),
        ("OK(b) AND ALARM(a) AND INSUFFICIENT_DATA(c)", True),
        ("FALSE OR FALSE OR TRUE", True),
        ("ALARM(a)\n  AND\tALARM(d)", True),
        ("AT_LEAST(2, ALARM, (a, b, d))", True),
        ("AT_LEAST(3, ALARM, (a, b, d))", False),
        ("AT_LEAST(2, NOT ALARM, (a, b, c))", True),
        ("AT_LEAST(3, NOT ALARM, (a, b, c))", False),
        ("AT_LEAST(50%, ALARM, (a, b, c, d))", True),
        ("AT_LEAST(51%, ALARM, (a, b, c, d))", False),
        ("AT_LEAST(66%, ALARM, (a, b, d))", True),
        ("AT_LEAST(67%, ALARM, (a, b, d))", False),
        ("AT_LEAST(100%, NOT OK, (a,d))", True),
        ('AT_LEAST(1,OK,("a","b")) AND NOT FALSE', True),
    ],
)
def test_what_a_rule_means(text: str, expected: bool) -> None:
    """The states of its alarms decide, by the usual precedence."""
    assert parse_composite_rule(text).is_true(STATES) is expected


@pytest.mark.parametrize(
    ("text", "children"),
    [
        ("TRUE", ()),
        ("ALARM(b) AND OK(a) OR ALARM(b)", ("b", "a")),
        (r'ALARM("with ""space") OR TRUE', None),
        (r'ALARM("say \"hi\" (now), please")', ('say "hi" (now), please',)),
        (r'ALARM("back\slash")', ("back\\slash",)),
        ("ALARM(ALARM)", ("ALARM",)),
        ("ALARM(arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:x:y)", ("x:y",)),
        (
            'OK("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:two words")',
            ("two words",),
        ),
        ("AT_LEAST(1, OK, (b, a, b))", ("b", "a")),
        ("ALARM(überlast-42/x.y)", ("überlast-42/x.y",)),
    ],
)
def test_the_alarms_that_a_rule_is_about(
    text: str, children: tuple[str, ...] | None
) -> None:
    """Each once, in the rule's order; an ARN stands for the alarm's name."""
    if children is None:
        with pytest.raises(PatternError):
            parse_composite_rule(text)
        return

    assert parse_composite_rule(text).children == children


PRIMARY = (
    "ALARM(...), OK(...), INSUFFICIENT_DATA(...), AT_LEAST(...), TRUE, FALSE or '('"
)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, f"expected {PRIMARY}, found the end of the rule"),
        ("  ", 2, f"expected {PRIMARY}, found the end of the rule"),
        ("ALARM", 5, "expected '(', found the end of the rule"),
        ("ALARM()", 6, "expected an alarm's name, found ')'"),
        ('ALARM("")', 6, "expected an alarm's name, found '\"'"),
        ("ALARM(a", 7, "expected ')', found the end of the rule"),
        ("ALARM(a b)", 8, "expected ')', found 'b'"),
        ('ALARM("a', 6, "the quote is never closed"),
        ("ALERT(a)", 0, f"expected {PRIMARY}, found 'ALERT'"),
        ("alarm(a)", 0, f"expected {PRIMARY}, found 'alarm'; keywords are upper case"),
        (
            "ALARM(a) and OK(b)",
            9,
            "expected AND, OR or the end of the rule, found 'and';"
            " keywords are upper case",
        ),
        ("ALARM(a) OK(b)", 9, "expected AND, OR or the end of the rule, found 'OK'"),
        ("ALARM(a) AND", 12, f"expected {PRIMARY}, found the end of the rule"),
        ("NOT NOT OK(a)", 4, f"expected {PRIMARY}, found 'NOT'"),
        ("(ALARM(a)", 9, "expected AND, OR or ')', found the end of the rule"),
        ("ALARM(a))", 8, "expected AND, OR or the end of the rule, found ')'"),
        ("AT_LEAST 1", 9, "expected '(', found '1'"),
        (
            "AT_LEAST(x, OK, (a))",
            9,
            "expected a number of alarms, or a percentage of them, found 'x'",
        ),
        ("AT_LEAST(1 OK, (a))", 11, "expected ',', found 'OK'"),
        (
            "AT_LEAST(1, TRUE, (a))",
            12,
            "expected ALARM, OK or INSUFFICIENT_DATA, found 'TRUE'",
        ),
        ("AT_LEAST(1, OK (a))", 15, "expected ',', found '('"),
        ("AT_LEAST(1, OK, a)", 16, "expected '(', found 'a'"),
        ("AT_LEAST(1, OK, (a b))", 19, "expected ',' or ')', found 'b'"),
        ("AT_LEAST(1, OK, (a)", 19, "expected ')', found the end of the rule"),
        ("AT_LEAST(0, OK, (a))", 9, "AT_LEAST takes a number from 1 to 1 here"),
        ("AT_LEAST(3, OK, (a, b))", 9, "AT_LEAST takes a number from 1 to 2 here"),
        (
            "AT_LEAST(101%, OK, (a))",
            9,
            "AT_LEAST takes a percentage from 1% to 100% here",
        ),
        (
            "AT_LEAST(0%, OK, (a))",
            9,
            "AT_LEAST takes a percentage from 1% to 100% here",
        ),
        (
            f"AT_LEAST({'9' * 5000}, OK, (a))",
            9,
            "AT_LEAST takes a number from 1 to 1 here",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, position: int, message: str) -> None:
    """What could have stood there, and what does."""
    with pytest.raises(PatternError) as caught:
        parse_composite_rule(text)

    assert (caught.value.position, caught.value.message) == (position, message)


def test_the_fault_is_shown_below_the_rule() -> None:
    """As for patterns, with a caret; AWS's own text is not known."""
    with pytest.raises(PatternError) as caught:
        parse_composite_rule("ALARM(a) XOR OK(b)")

    assert str(caught.value) == (
        "expected AND, OR or the end of the rule, found 'XOR'\n"
        "  ALARM(a) XOR OK(b)\n"
        "           ^"
    )


LIMITS = {
    "characters": ("ALARM(a) OR " * 900 + "TRUE", "longer than 10,240 characters"),
    "children": (
        " OR ".join(f"ALARM(a{n})" for n in range(101)),
        "more than 100 different alarms",
    ),
    "elements": (" OR ".join(["TRUE"] * 501), "more than 500 elements"),
    "parentheses count": (
        " OR ".join(["(TRUE)"] * 251),
        "more than 500 elements",
    ),
    "depth": ("(" * 101 + "TRUE" + ")" * 101, "more than 100 nested parentheses"),
}


@pytest.mark.parametrize(("text", "message"), LIMITS.values(), ids=LIMITS)
def test_what_is_beyond_the_limits_is_refused(text: str, message: str) -> None:
    """AWS's limits, and one of our own."""
    with pytest.raises(PatternError) as caught:
        parse_composite_rule(text)

    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    [
        " OR ".join(f"ALARM(a{n})" for n in range(100)),
        " OR ".join(["TRUE"] * 500),
        " OR ".join(["(TRUE)"] * 250),
        "(" * 100 + "TRUE" + ")" * 100,
        "TRUE".rjust(10_240),
    ],
)
def test_what_is_within_the_limits_is_taken(text: str) -> None:
    """To the last one."""
    rule = parse_composite_rule(text)

    assert rule.is_true(dict.fromkeys(rule.children, ALARM))


def test_rules_are_equal_when_their_texts_are() -> None:
    """What they compile to does not matter."""
    one, same = parse_composite_rule("ALARM(a)"), parse_composite_rule("ALARM(a)")

    assert one == same
    assert one != parse_composite_rule("ALARM( a)")
    assert "lambda" not in repr(one)


@given(st.text(alphabet='ALRMOKNTDAE_S(),"% \\01a', max_size=40))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """Nothing else is raised, and the fault lies within the text."""
    try:
        rule = parse_composite_rule(text)
    except PatternError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert isinstance(rule, CompositeRule)
        assert rule.is_true(dict.fromkeys(rule.children, OK)) in (True, False)


def rendered(node: object) -> str:
    """Return the text of a random rule, with parentheses around everything."""
    match node:
        case bool():
            return "TRUE" if node else "FALSE"
        case (str() as state, str() as name):
            return f'{state}("{name}")'
        case ("NOT", inner):
            return f"NOT ({rendered(inner)})"
        case (str() as word, one, other):
            return f"({rendered(one)}) {word} ({rendered(other)})"
    raise AssertionError(node)


def value(node: object) -> bool:
    """Return what the rule comes to, worked out from its parts."""
    match node:
        case bool():
            return node
        case (str() as state, str() as name):
            return STATES[name] == state
        case ("NOT", inner):
            return not value(inner)
        case ("AND", one, other):
            return value(one) and value(other)
        case ("OR", one, other):
            return value(one) or value(other)
    raise AssertionError(node)


nodes = st.recursive(
    st.booleans()
    | st.tuples(st.sampled_from(list(AlarmState)), st.sampled_from("abcd")),
    lambda inner: (
        st.tuples(st.just("NOT"), inner)
        | st.tuples(st.sampled_from(["AND", "OR"]), inner, inner)
    ),
    max_leaves=12,
)


@given(nodes)
def test_any_rule_means_what_its_parts_mean(node: object) -> None:
    """However they are put together."""
    assert parse_composite_rule(rendered(node)).is_true(STATES) is value(node)
