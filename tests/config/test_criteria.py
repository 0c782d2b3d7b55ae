"""Tests of field selection criteria: what they admit, and what is refused in them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.criteria import MAX_LENGTH, parse_criteria
from relay.patterns import PatternError

OURS, OTHERS = "111122223333", "444455556666"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'@aws.account = "{OURS}"', True),
        (f"@aws.account = '{OURS}'", True),
        (f"@aws.account='{OTHERS}'", False),
        ("@aws.region != 'eu-west-1'", False),
        ("@aws.region != 'us-east-1'", True),
        ("@aws.region = ''", False),
        (f"@aws.account IN ('{OTHERS}', \"{OURS}\")", True),
        (f"@aws.account IN('{OTHERS}')", False),
        ("@aws.region NOT IN ('us-east-1', 'eu-west-1')", False),
        ("@aws.region NOT  IN\t( 'us-east-1' )", True),
        (f"@aws.account = '{OURS}' AND @aws.region = 'us-east-1'", False),
        (f"@aws.account = '{OURS}' OR @aws.region = 'us-east-1'", True),
        # AND binds more closely than OR.
        ("@aws.region='eu-west-1' OR @aws.region='a' AND @aws.region='b'", True),
        ("(@aws.region='eu-west-1' OR @aws.region='a') AND @aws.region='b'", False),
        (" ( ( @aws.region = 'eu-west-1' ) ) ", True),
        ("@aws.region = 'a OR b' OR @aws.region = \"it's\"", False),
    ],
)
def test_criteria_admit_accounts_and_regions(text: str, expected: bool) -> None:
    """Both kinds of quotes, lists, AND before OR, parentheses, blanks anywhere."""
    assert parse_criteria(text).admits(OURS, "eu-west-1") is expected


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "expected @aws.account or @aws.region, or '('"),
        ("nonsense", 0, "expected @aws.account or @aws.region, or '(', found 'nonsen"),
        ("@source.log = 'x'", 0, "@source.log selects nothing; write @aws.account"),
        ("@aws.user = 'x'", 0, "@aws.user is no system field; write @aws.account"),
        ("@aws.accounts = 'x'", 0, "@aws.accounts is no system field"),
        ("@aws.region == 'x'", 13, "expected a text in quotes, found '='"),
        ("@aws.region = x", 14, "expected a text in quotes, found 'x'"),
        ("@aws.region = 'x", 14, "the quote is never closed"),
        ("@aws.region", 11, "expected =, !=, IN or NOT IN, found the end"),
        ("@aws.region NOT = 'x'", 16, "expected IN, found '='"),
        ("@aws.region in ('x')", 12, "expected =, !=, IN or NOT IN, found 'in'"),
        ("@aws.region IN ['x']", 15, "expected a list in parentheses, which AWS takes"),
        ("@aws.region IN 'x'", 15, "expected '('"),
        ("@aws.region IN ()", 16, "expected a text in quotes, found ')'"),
        ("@aws.region IN ('x' 'y')", 20, "expected ',' or ')'"),
        ("@aws.region = 'x' and @aws.region = 'y'", 18, "expected AND, OR or the end"),
        ("@aws.region = 'x' ANDY", 18, "expected AND, OR or the end of the criteria"),
        ("@aws.region = 'x' AND", 21, "expected @aws.account or @aws.region, or '('"),
        ("(@aws.region = 'x'", 18, "expected AND, OR or ')', found the end"),
        ("@aws.region = 'x')", 17, "expected AND, OR or the end"),
        ("NOT @aws.region = 'x'", 0, "expected @aws.account or @aws.region, or '('"),
        ("(" * 101, 100, "more than 100 nested parentheses"),
        ("@" * (MAX_LENGTH + 1), MAX_LENGTH, "longer than 2000 characters"),
    ],
)
def test_wrong_criteria_are_refused_with_their_position(
    text: str, position: int, message: str
) -> None:
    """AWS says one thing of all of them."""
    with pytest.raises(PatternError) as caught:
        parse_criteria(text)

    assert caught.value.message.startswith(message)
    assert caught.value.position == position
    assert caught.value.aws_text == "The provided field selection criteria is invalid"


def test_as_many_parentheses_as_are_taken() -> None:
    """Those that are closed no longer count."""
    condition = "@aws.region = 'x'"

    assert parse_criteria("(" * 100 + condition + ")" * 100).admits("", "x")
    assert parse_criteria(" OR ".join([f"({condition})"] * 80)).admits("", "x")


def test_criteria_are_equal_when_their_texts_are() -> None:
    """So configurations can be compared."""
    first, second = (parse_criteria("@aws.region = 'x'") for _ in range(2))

    assert first == second
    assert first != parse_criteria("@aws.region = 'y'")


Test = Callable[[dict[str, str]], bool]
Criterion = tuple[str, Test]
"""Criteria as a text and as what they mean."""


def condition(name: str, operator: str, value: str) -> Criterion:
    """Return one condition; its list also holds a value that never occurs."""
    takes = operator in {"=", "IN"}
    listed = f"('z', '{value}')" if "IN" in operator else f'"{value}"'
    return f"{name} {operator} {listed}", lambda event: (event[name] == value) is takes


def joined(word: str, left: Criterion, right: Criterion) -> Criterion:
    """Return two criteria joined by AND or OR, in parentheses."""
    combine = all if word == "AND" else any
    return f"({left[0]} {word} {right[0]})", lambda event: combine(
        test(event) for test in (left[1], right[1])
    )


_criteria = st.recursive(
    st.builds(
        condition,
        st.sampled_from(["@aws.account", "@aws.region"]),
        st.sampled_from(["=", "!=", "IN", "NOT IN"]),
        st.sampled_from("ab"),
    ),
    lambda inner: st.builds(joined, st.sampled_from(["AND", "OR"]), inner, inner),
    max_leaves=6,
)


@given(_criteria, st.sampled_from("ab"), st.sampled_from("ab"))
def test_criteria_mean_what_their_parts_mean(
    criterion: Criterion, account: str, region: str
) -> None:
    """However they are joined."""
    text, test = criterion
    expected = test({"@aws.account": account, "@aws.region": region})

    assert parse_criteria(text).admits(account, region) is expected


@given(st.text(alphabet="@aws.region = 'x' AND OR NOT IN ()", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but PatternError comes out, with a position inside the text."""
    try:
        parse_criteria(text)
    except PatternError as error:
        assert 0 <= error.position <= len(text)
