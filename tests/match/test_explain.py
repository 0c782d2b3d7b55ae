"""Explanations for people."""

from pathlib import Path

import pytest
from rich.text import Text

from relay.match.event_files import Event, Unit
from relay.match.explain import ExplainOutput
from relay.match.search import Found
from relay.patterns import Pattern, compile_pattern

PATH = Path("x.json")


def lines(pattern: Pattern, *events: str) -> list[str]:
    """Return what is explained of ``events``."""
    written: list[Text] = []
    output = ExplainOutput(written.append, pattern, limit=2)
    for number, event in enumerate(events, start=1):
        output.show(
            Found(
                path=PATH,
                event=Event(event.encode(), number, Unit.LINE),
                extracted=None,
                explanation=pattern.explain(event),
            )
        )
    output.end_file(PATH, len(events))
    output.end()
    return [line.plain for line in written]


def test_one_event_needs_no_sum() -> None:
    """Its heading says when, what and who."""
    event = (
        '{"eventTime":"2026-01-02T03:04:05Z","eventName":"X",'
        '"userIdentity":{"userName":"alice"}}'
    )

    assert lines(compile_pattern("{ $.eventName = Y }"), event) == [
        "no match  2026-01-02T03:04:05Z X by alice  x.json line 1",
        '  no   $.eventName = Y  saw "X"',
        "",
    ]


def test_the_reason_of_what_is_no_json() -> None:
    """No condition was asked anything; long texts are cut."""
    shown = lines(compile_pattern("{ $.a = 1 }"), "\x1b" + "x" * 200)

    assert shown[0] == rf"no match  \u001b{'x' * 99}...  x.json line 1"
    assert shown[1].startswith("  the message is not one JSON object")


def test_ignored_terms_are_marked() -> None:
    """They are shown, but have no say; the author is told why."""
    assert lines(compile_pattern("a -b ?c"), "a") == [
        "note: terms with '?' do not count next to terms without it",
        "match  a  x.json line 1",
        '  yes  a   saw "a"',
        "  yes  -b  saw nothing",
        "  no   ?c  saw nothing (ignored)",
        "",
    ]


def test_extensions_are_noted() -> None:
    """Whoever gives the pattern to CloudWatch Logs should know."""
    pattern = compile_pattern("{ $.a EXISTS }", extensions=True)

    assert lines(pattern) == ["note: uses EXISTS, which CloudWatch Logs does not know"]


def test_a_long_condition_moves_no_column() -> None:
    """Values stand below each other as far as that is readable."""
    long = "x" * 80
    shown = lines(compile_pattern(f'{{ $.a = 1 || $.b = "{long}" }}'), '{"a":1}')

    assert shown[1] == f"  yes  $.a = 1{' ' * 55}saw 1"
    assert shown[2] == f'  no   $.b = "{long}"  saw nothing'


@pytest.mark.parametrize("count", [3, 1500])
def test_a_sum_of_all_events(count: int) -> None:
    """Only the first are explained, all are counted."""
    shown = lines(compile_pattern("{ $.a = 1 && $.b = 2 }"), *['{"a":1}'] * count)

    assert shown.count("") == 3
    assert shown[-5:] == [
        f"{count - 2:,} more events are not shown (see -m)",
        "",
        f"0 of {count:,} events match; each condition held for",
        f"  {count:,}  $.a = 1",
        f"  {'0':>{len(f'{count:,}')}}  $.b = 2",
    ]
