"""relay.state.packing: fewer bytes, and never two things under one name."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.state.packing import (
    object_digest,
    pack_etag,
    pack_event_id,
    unpack_etag,
)

UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def test_event_id_is_kept_as_the_bytes_it_stands_for() -> None:
    """Whoever looks into the file finds CloudTrail's own id."""
    packed = pack_event_id(UUID)

    assert packed == uuid.UUID(UUID).bytes


@pytest.mark.parametrize(
    "other",
    [
        UUID.upper(),
        UUID.replace("-", ""),
        f"{UUID} ",
        f"{UUID}\n",
        UUID.replace("a", "\N{ARABIC-INDIC DIGIT ONE}"),
        "",
        "1",
        "x" * 1_000_000,
        "\ud800",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_any_other_text_is_another_event(other: str) -> None:
    """Sixteen bytes as well, whatever its length, and not those of the look-alike."""
    packed = pack_event_id(other)

    assert len(packed) == 16
    assert packed != pack_event_id(UUID)


@given(st.lists(st.one_of(st.text(), st.uuids().map(str)), unique=True))
def test_events_stay_apart(event_ids: list[str]) -> None:
    """As many ids, as many names for them."""
    packed = {pack_event_id(event_id) for event_id in event_ids}

    assert len(packed) == len(event_ids)


@given(st.text())
@pytest.mark.parametrize("beginning", ["", MD5])
def test_etag_comes_back_as_it_was(beginning: str, rest: str) -> None:
    """A conditional read needs the very text, also of an upload in parts."""
    etag = beginning + rest

    assert unpack_etag(pack_etag(etag)) == etag


def test_usual_etag_takes_half_the_bytes() -> None:
    """The MD5 of what was stored in one piece."""
    packed = pack_etag(MD5)

    assert packed == bytes.fromhex(MD5)
    assert unpack_etag(packed) == MD5


def test_objects_stay_apart() -> None:
    """Neither can one bucket's name run over into a key, nor can a key be too odd."""
    names = [("ab", "c"), ("a", "bc"), ("a", "b/c"), ("a", ""), ("a", "\ud800")]

    digests = {object_digest(bucket, key) for bucket, key in names}

    assert len(digests) == len(names)
    assert {len(digest) for digest in digests} == {16}
