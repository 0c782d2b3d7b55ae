"""The fuzzer's targets, on its seeds and on what hypothesis makes of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.seeds import PAIRS, WORDS
from fuzz.targets import SEPARATOR, match_any, parse_any, pattern_and_message

SEEDS = [pattern.encode() + SEPARATOR + message.encode() for pattern, message in PAIRS]


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_seeds_keep_all_promises(seed: bytes) -> None:
    """No seed breaks what must hold for any bytes."""
    parse_any(seed.partition(SEPARATOR)[0])
    match_any(seed)


@given(
    seed=st.sampled_from(SEEDS),
    cut=st.integers(0, 80),
    length=st.integers(0, 4),
    put=st.sampled_from([word.encode() for word in WORDS]) | st.binary(max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_damaged_seeds_keep_all_promises(
    seed: bytes, cut: int, length: int, put: bytes
) -> None:
    """Nor does a seed with some bytes replaced."""
    pattern_and_message(seed[:cut] + put + seed[cut + length :])


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_keep_all_promises(data: bytes) -> None:
    """Nor do any bytes."""
    pattern_and_message(data)
