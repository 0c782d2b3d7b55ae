"""Tests of matchers: what they hold for, and what is refused in them."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.matchers import (
    MAX_LENGTH,
    Matcher,
    Operator,
    all_match,
    parse_matcher,
)
from relay.config.route_section import ChildRoute
from relay.patterns import PatternError
from tests.config.conftest import Examine, lines

LABELS = {"severity": "critical", "account": "111122223333", "we ird": 'a"b\\c\nd'}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', True),
        ("severity=critical", True),
        (" severity =\tcritical ", True),
        ('severity="crit"', False),
        ("severity!=critical", False),
        ("severity!=low", True),
        ('account=~"1.*"', True),
        ("account=~1.*", True),
        ("account=~1", False),
        ("account=~2|1.*", True),
        ('account=~"11|22"', False),
        ('account=~"\\d{12}"', True),
        ("account!~1.*", False),
        ("account!~2.*", True),
        ('missing=""', True),
        ('missing=~".*"', True),
        ("missing=~.+", False),
        ("missing!=x", True),
        ("missing!~x", True),
        ('"severity"="critical"', True),
        (r'"we ird"="a\"b\\c\nd"', True),
        (r'"we ird"=~"(?s)a.*d"', True),
        (r'"we ird"=~"a.*d"', False),
    ],
)
def test_matchers_hold_as_alertmanagers_do(text: str, expected: bool) -> None:
    """Expressions are anchored, a missing label is "", quotes are optional."""
    assert parse_matcher(text).matches(LABELS) is expected


def test_labels_may_have_any_name() -> None:
    """In quotes; letters beyond ASCII need none."""
    assert parse_matcher("größe=~b.*").matches({"größe": "bär"})
    assert parse_matcher('"a=b"=c').matches({"a=b": "c"})


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "expected a label's name"),
        ("=x", 0, "expected a label's name"),
        ('""=x', 0, "expected a label's name"),
        ("severity", 8, "expected =, !=, =~ or !~"),
        ("severity ~x", 9, "expected =, !=, =~ or !~"),
        ("severity!x", 8, "expected =, !=, =~ or !~"),
        ("severity=", 9, 'expected a value; write "" for the empty one'),
        ("severity==x", 9, 'expected a value; write "" for the empty one'),
        ('severity="x', 9, "the quote is never closed"),
        ('severity="x\\', 9, "the quote is never closed"),
        ("severity=x y", 11, "expected the end; quote a value"),
        ("severity=x,team=y", 10, "one matcher each; write several as a list"),
        ('severity=~"("', 10, "is no regular expression: missing ): ("),
        ('severity!~"a{2000}"', 10, "is no regular expression: invalid repetition"),
        ('severity=~"\ud800"', 10, "is no regular expression"),
        ("a=" + "x" * MAX_LENGTH, MAX_LENGTH, "longer than 1024 characters"),
    ],
)
def test_a_wrong_matcher_is_refused_with_its_position(
    text: str, position: int, message: str
) -> None:
    """The message says what should stand there."""
    with pytest.raises(PatternError) as caught:
        parse_matcher(text)

    assert caught.value.message.startswith(message)
    assert caught.value.position == position


def test_python_may_give_a_matcher_itself() -> None:
    """Where a file has its text."""
    matcher = parse_matcher("severity=low")

    assert ChildRoute.model_validate({"matchers": [matcher]}).matchers == (matcher,)


def test_all_of_several_must_hold() -> None:
    """None at all hold as well."""
    one, other = parse_matcher("severity=critical"), parse_matcher("account=2")

    assert all_match([], LABELS)
    assert all_match([one], LABELS)
    assert not all_match([one, other], LABELS)


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.sampled_from([Operator.EQUALS, Operator.DIFFERS]),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_a_matcher_is_read_as_it_is_written(
    name: str, operator: Operator, value: str
) -> None:
    """Whatever stands in name and value: ``str`` quotes it."""
    matcher = Matcher(name, operator, value)

    assert parse_matcher(str(matcher)) == matcher


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        ("3", "3 is no text; a matcher looks like severity="),
        ("severity", "'severity' is no matcher: expected =, !=, =~ or !~"),
    ],
)
def test_the_option_says_where_it_is_wrong(
    examined: Examine, matcher: str, expected: str
) -> None:
    """As one problem among all others."""
    found = lines(
        examined(
            "notify: {receivers: [{name: a}], route: {receiver: a, routes:"
            f" [{{matchers: [{matcher}]}}]}}}}\n"
        )
    )

    assert len(found) == 1
    assert found[0].startswith(
        f"relay.yaml:1: notify.route.routes[0].matchers[0]: {expected}"
    )


@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
@pytest.mark.parametrize(
    "text", ['severity="critical"', "severity=~crit.*", 'severity!="low"']
)
def test_amtool_routes_the_same(text: str, tmp_path: object) -> None:
    """Alertmanager's own tool agrees on what a matcher takes."""
    config = f"{tmp_path}/am.yml"
    with open(config, "w") as file:
        file.write(
            "route: {receiver: other, routes: [{receiver: taken, matchers: ['"
            + text
            + "']}]}\nreceivers: [{name: other}, {name: taken}]\n"
        )
    answer = subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={config}",
         "severity=critical"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    expected = parse_matcher(text).matches({"severity": "critical"})
    assert (answer.stdout.strip() == "taken") is expected
