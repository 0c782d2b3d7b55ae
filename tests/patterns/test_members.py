"""Named lists."""

import pytest

from relay.patterns import NamedList


def test_a_list_is_a_collection_of_its_entries() -> None:
    """It has what is written in it, each once."""
    named = NamedList(["a", "b*", "10.0.0.0/8", "a"])

    assert len(named) == 3
    assert set(named) == {"a", "b*", "10.0.0.0/8"}
    assert "b*" in named
    assert "bx" not in named


def test_lists_are_equal_by_their_entries() -> None:
    """Order does not count; other types are never equal."""
    assert NamedList(["a", "b"]) == NamedList(["b", "a"])
    assert hash(NamedList(["a", "b"])) == hash(NamedList(["b", "a"]))
    assert NamedList(["a"]) != NamedList(["b"])
    assert NamedList(["a"]) != {"a"}


@pytest.mark.parametrize(
    ("value", "is_member"),
    [
        ("a", True),
        ("A", False),
        ("bx", True),
        ("10.1.2.3", True),
        ("10.0.0.0/8", False),
        ("AWS/EC2", True),
        ("7", True),
        (7, True),
        (7.0, False),
        (8, False),
        (True, False),
        (None, False),
        (["a"], False),
        ({"a": 1}, False),
    ],
)
def test_members(value: object, is_member: bool) -> None:
    """Texts, globs and networks; a number is compared by its text."""
    named = NamedList(["a", "b*", "10.0.0.0/8", "AWS/EC2", "7"])

    assert named.members.contains(value) is is_member


def test_no_networks_are_looked_up_where_there_are_none() -> None:
    """A list of texts alone holds no address but those it names."""
    members = NamedList(["a", "10.0.0.1"]).members

    assert members.contains("10.0.0.1")
    assert not members.contains("10.0.0.2")
    assert not members.contains(5)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "the list is empty"),
        (["a", "10.0.0.0/33"], "'10.0.0.0/33' is no network"),
        (["10.0.0.1/8"], "write 10.0.0.0/8"),
    ],
)
def test_faulty_lists_are_refused(entries: list[str], message: str) -> None:
    """The error says which entry is wrong."""
    with pytest.raises(ValueError, match=message):
        NamedList(entries)


def test_a_long_list_is_one_look_up() -> None:
    """A hundred thousand texts and networks find what they hold, and nothing else."""
    texts = [f"user-{number}" for number in range(50_000)]
    networks = [f"10.{n >> 8}.{n & 255}.0/24" for n in range(50_000)]
    members = NamedList(texts + networks).members

    assert members.contains("user-49999")
    assert members.contains("10.1.1.1")
    assert not members.contains("user-50000")
    assert not members.contains("11.1.1.1")
