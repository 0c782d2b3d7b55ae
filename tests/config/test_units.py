"""Tests of durations and sizes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "secs"),
    [
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("0s", 0),
        ("2d", 172_800),
        ("1w", 604_800),
    ],
)
def test_durations_are_seconds(text: str, secs: float) -> None:
    """A duration is a sequence of numbers with units."""
    assert parse_duration(text) == secs


@pytest.mark.parametrize(
    "text", ["", "5", "5 m", "m", "5x", "-5m", "5m5", "\u0665m", "5 minutes"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """The message shows how durations are written."""
    with pytest.raises(ValueError, match="write it as 90s, 5m or 1h30m"):
        parse_duration(text)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(min_value=0, max_value=10**9))
def test_whole_seconds_survive_a_round_trip(secs: int) -> None:
    """What format_duration writes, parse_duration reads."""
    assert parse_duration(format_duration(secs)) == secs


@pytest.mark.parametrize(
    ("secs", "text"), [(0.25, "250ms"), (1.5, "1.5s"), (0, "0s"), (5400, "1h30m")]
)
def test_durations_are_written_in_the_fewest_parts(secs: float, text: str) -> None:
    """Parts of a second are written as such."""
    assert format_duration(secs) == text


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [("512B", 512), ("1KiB", 1024), ("1.5 MiB", 1_572_864), ("1GB", 10**9)],
)
def test_sizes_are_bytes(text: str, size_bytes: int) -> None:
    """A size is one number and one unit."""
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "5", "5M", "MiB", "-1B", "1B2B", "9" * 400 + "B"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """The message shows how sizes are written."""
    with pytest.raises(ValueError, match="write it as 64MiB, 1GiB or 512KiB"):
        parse_size(text)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(min_value=0, max_value=2**50))
def test_sizes_survive_a_round_trip(size_bytes: int) -> None:
    """What format_size writes, parse_size reads."""
    assert parse_size(format_size(size_bytes)) == size_bytes
