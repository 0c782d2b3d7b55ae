"""Gunzip: whole, in parts, broken, and hostile files."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Reason, RejectedError
from relay.trail.gunzip import decompress, size_hint

_FILE = gzip.compress(b'{"Records":[]}')


def _bomb(*, mebibytes: int) -> bytes:
    """Return a gzip file of that many MiB of zeros; its last checksum is wrong."""
    header = b"\x1f\x8b\x08" + bytes(7)
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    mebibyte = compressor.compress(bytes(2**20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    trailer = bytes(4) + (mebibytes * 2**20).to_bytes(4, "little")
    return header + mebibyte * mebibytes + compressor.flush() + trailer


@given(parts=st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_members_are_joined(parts: list[bytes]) -> None:
    """A file of several gzip members is all of their contents, up to the limit."""
    body = b"".join(map(gzip.compress, parts))
    content = b"".join(parts)

    assert decompress(body, max_bytes=len(content)) == content
    assert decompress(body + b"\0" * 9, max_bytes=len(content)) == content


def test_a_member_longer_than_a_step_is_read_on() -> None:
    """Members behind the first are fed in steps, of which they may need many."""
    second = bytes(range(256)) * 2_000
    body = _FILE + gzip.compress(second, compresslevel=0)

    assert decompress(body, max_bytes=2**20) == b'{"Records":[]}' + second


@pytest.mark.parametrize("body", [b"", b"\x1f", b'{"Records":[]}', b"\x8b\x1f"])
def test_what_is_no_gzip_is_left_as_it_is(body: bytes) -> None:
    """The magic bytes decide, so a body that was inflated on its way stays as it is."""
    assert decompress(body, max_bytes=100) is body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(_FILE[:2], Reason.TRUNCATED, id="magic-only"),
        pytest.param(_FILE[:12], Reason.TRUNCATED, id="cut-in-data"),
        pytest.param(_FILE[:-1], Reason.TRUNCATED, id="cut-in-trailer"),
        pytest.param(_FILE + _FILE[:15], Reason.TRUNCATED, id="second-member-cut"),
        pytest.param(_FILE[:-5] + b"????" + _FILE[-1:], Reason.CORRUPT_GZIP, id="crc"),
        pytest.param(_FILE + b"tail", Reason.CORRUPT_GZIP, id="text-behind"),
        pytest.param(_FILE + b"\0\0tail", Reason.CORRUPT_GZIP, id="text-behind-zeros"),
        pytest.param(b"\x1f\x8bnot gzip at all", Reason.CORRUPT_GZIP, id="no-header"),
        pytest.param(b"plain" * 9, Reason.DECOMPRESSED_TOO_LARGE, id="plain-too-large"),
        pytest.param(
            gzip.compress(b"x" * 41), Reason.DECOMPRESSED_TOO_LARGE, id="too-large"
        ),
        pytest.param(
            _FILE * 3, Reason.DECOMPRESSED_TOO_LARGE, id="members-too-large-together"
        ),
        pytest.param(
            gzip.compress(b"") * 70_000, Reason.CORRUPT_GZIP, id="very-many-members"
        ),
    ],
)
def test_a_bad_file_is_rejected_with_its_reason(body: bytes, reason: Reason) -> None:
    """Truncated, corrupt and oversized files are told apart."""
    with pytest.raises(RejectedError) as caught:
        decompress(body, max_bytes=40)

    assert caught.value.reason is reason


def test_a_bomb_never_fills_the_memory() -> None:
    """A file that inflates to 2 GiB costs no more memory than the limit allows."""
    bomb = _bomb(mebibytes=2048)
    limit = 8 * 2**20
    tracemalloc.start()
    try:
        with pytest.raises(RejectedError) as caught:
            decompress(bomb, max_bytes=limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert caught.value.reason is Reason.DECOMPRESSED_TOO_LARGE
    assert size_hint(bomb) == 2**31
    assert peak < limit + len(bomb) + 2**20


def test_size_hint_reads_the_trailer() -> None:
    """The hint is what gzip's trailer claims; plain bodies are as long as they are."""
    assert size_hint(_FILE) == 14
    assert size_hint(b"plain") == 5


@pytest.mark.parametrize("claimed", [0, 1, 299_999, 300_001, 2**32 - 1])
@pytest.mark.parametrize("level", [0, 9])
def test_a_wrong_claim_of_the_size_changes_nothing_before_it(
    claimed: int, level: int
) -> None:
    """What a first member holds comes out, whatever stands where its size should."""
    content = bytes(range(250)) * 1_200
    member = gzip.compress(content, compresslevel=level)
    behind = b"\0" * 4 + claimed.to_bytes(4, "little")

    if claimed.to_bytes(4, "little").strip(b"\0"):
        with pytest.raises(RejectedError, match="no gzip follow"):
            decompress(member + behind, max_bytes=2**20)
    else:
        assert decompress(member + behind, max_bytes=2**20) == content


@given(sizes=st.lists(st.integers(0, 70_000), min_size=1, max_size=3))
def test_the_claim_of_the_last_member_is_of_that_one_only(sizes: list[int]) -> None:
    """The size at the end of a file is smaller, or larger, than the first member."""
    parts = [bytes(size) for size in sizes]

    body = b"".join(map(gzip.compress, parts))

    assert decompress(body, max_bytes=sum(sizes)) == b"".join(parts)
