"""The dialect of regular expressions, and RE2 below it."""

import pytest

from relay.patterns import PatternError
from relay.patterns.regex import Regex, scan_regex
from relay.patterns.scanner import Scanner


@pytest.mark.parametrize(
    ("expression", "text", "is_found"),
    [
        ("a{,2}b", "xaab", True),
        ("^a{,2}b", "aaab", False),
        ("a{2,}b", "ab", False),
        ("[{]a[,3}]", "{a,", True),
        (r"\{,3\}", "{,3}", True),
        (r"[\\]b", "a\\b", True),
        (r"[\\b]x", "bx", True),
        ("[]a]x", "]x", True),
        ("[^]a]x", "ax", False),
        (r"\d", "٣", False),
        (r"\w", "ß", False),
        (".", "ß", True),
        ("^.$", "\ud800", True),
        ("a+?b", "aab", True),
        ("x$", "x\n", False),
    ],
)
def test_dialect(expression: str, text: str, is_found: bool) -> None:
    """An expression finds what CloudWatch Logs finds with it."""
    assert Regex(expression).compile()(text) is is_found


def test_scan_stops_behind_the_closing_percent_sign() -> None:
    """Only the text between the percent signs belongs to the expression."""
    scanner = Scanner("= %a b% )", position=2)

    assert scan_regex(scanner) == Regex("a b")
    assert scanner.position == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("%a**%", r"bad repetition operator: \*\*"),
        (r"%a\q%", r"unknown escape: \\q"),
        ("%a{x}%", "unknown use of '{': {x"),
        (r"%[a\q]%", r"unknown escape: \\q"),
        ("%a{2000}%", "invalid repetition size"),
        ("%[" + "[" * 900 + "%", "missing ]"),
        ("%[abc%", r"missing ]: \[abc"),
        ("%a{400}b{,400}c{201,}%", "more than 1000 counted repetitions in .*: 1001"),
        ("%" + ".{999}" * 140 + "%", "more than 1000 counted repetitions"),
        ("%(a)%", r"write \\x28 and \\x29"),
    ],
)
def test_the_reason_is_told(text: str, message: str) -> None:
    """What does not compile is refused with the reason."""
    with pytest.raises(PatternError, match=message):
        scan_regex(Scanner(text))


@pytest.mark.parametrize(
    ("expression", "counts"),
    [
        ("a", ()),
        (r"a{3}b{1,9}[{4}]c{5,}\{7}", (3, 9, 5)),
        ("a{,7}", (7,)),
        ("a{1000}", (1000,)),
    ],
)
def test_counts(expression: str, counts: tuple[int, ...]) -> None:
    """What a part may be repeated at most, or at least where there is no most."""
    assert Regex(expression).counts == counts


def test_what_is_found() -> None:
    """The first match is found, with U+FFFD for half a surrogate pair."""
    assert Regex("[0-9]+").find("a 12 345") == "12"
    assert Regex("a.").find("a\ud800") == "a\ufffd"
    assert Regex("x").find("a") is None


def test_matching_takes_linear_time() -> None:
    """An expression that makes backtracking explode is decided at once."""
    assert not Regex("a*a*a*a*a*a*b").compile()("a" * 100_000)
