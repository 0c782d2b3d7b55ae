"""Tests of silences: which are in force, and for whom."""

import msgspec
import pytest

from relay.model import Silence
from relay.notify.silences import Silences
from relay.patterns import PatternError

AT = 1_700_000_000.0
SILENCE = Silence(
    id="1",
    matchers=('severity="low"', 'account=~"1.*"'),
    starts_at=AT,
    ends_at=AT + 60,
    created_by="alice",
    comment="maintenance",
)
LABELS = {"severity": "low", "account": "12"}


@pytest.mark.parametrize(
    ("at", "expected"), [(-1, None), (0, AT + 60), (59, AT + 60), (60, None)]
)
def test_a_silence_is_in_force_from_its_start_to_its_end(
    at: float, expected: float | None
) -> None:
    """The end is no longer part of it."""
    assert Silences([SILENCE]).until(LABELS, AT + at) == expected


@pytest.mark.parametrize("changed", [{"severity": "high"}, {"account": "2"}])
def test_all_matchers_must_hold(changed: dict[str, str]) -> None:
    """One that does not is enough to be told."""
    assert Silences([SILENCE]).until(LABELS | changed, AT) is None


def test_of_several_the_last_end_counts() -> None:
    """Before that nobody is told anyway."""
    longer = msgspec.structs.replace(SILENCE, id="2", ends_at=AT + 90)

    assert Silences([longer, SILENCE]).until(LABELS, AT) == AT + 90


def test_a_known_silence_is_replaced() -> None:
    """That is how it is ended."""
    silences = Silences([SILENCE])
    silences.take([msgspec.structs.replace(SILENCE, ends_at=AT + 10)])

    assert [each.ends_at for each in silences.all()] == [AT + 10]
    assert silences.until(LABELS, AT + 10) is None


def test_what_fits_is_remembered_and_the_memory_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the same answers."""
    monkeypatch.setattr("relay.notify.silences.MAX_REMEMBERED", 1)
    silences = Silences([SILENCE])

    asked = [LABELS, LABELS, {"severity": "high"}, LABELS]

    assert [silences.until(labels, AT) for labels in asked] == [
        AT + 60,
        AT + 60,
        None,
        AT + 60,
    ]


def test_without_silences_nothing_is_silenced() -> None:
    """The usual case."""
    assert Silences().until(LABELS, AT) is None


def test_ended_silences_are_forgotten_in_time() -> None:
    """Until then they can be listed, and do not count."""
    silences = Silences([SILENCE])

    assert (silences.unended(AT + 59), silences.unended(AT + 60)) == (1, 0)

    silences.forget(AT + 60)
    assert silences.all() == [SILENCE]

    silences.forget(AT + 61)
    assert silences.all() == []


def test_a_silence_without_meaning_is_refused() -> None:
    """Whoever takes it from outside has checked that."""
    with pytest.raises(PatternError):
        Silences([msgspec.structs.replace(SILENCE, matchers=("x",))])
