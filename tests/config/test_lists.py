"""Tests of named lists: where their entries come from, and what is wrong with them."""

from pathlib import Path

import pytest

from relay.config.lists import MAX_FILE_BYTES
from relay.config.rules import MetricFilter
from tests.config.conftest import MINIMAL, Examine, lines

USER = (
    "metric_filters:\n"
    "  - {name: f, extensions: true, pattern: '{ $.user IN @users }', alarm: {}}\n"
)


def the_filter(examined: Examine, rules: str) -> MetricFilter:
    """Return the only filter of a rule file without problems."""
    report = examined(rules=rules)
    assert lines(report) == []
    assert report.loaded is not None
    (found,) = report.loaded.rules.filters
    return found


def matching(found: MetricFilter, *users: str) -> list[str]:
    """Return those users whose events match."""
    events = {user: f'{{"user": "{user}"}}' for user in users}
    return [user for user, event in events.items() if found.pattern.matches(event)]


def test_a_list_stands_in_the_rule_file(examined: Examine) -> None:
    """Wherever in it; an entry with a star is a glob."""
    found = the_filter(examined, USER + "lists: {users: [alice, 'bob*']}\n")

    assert matching(found, "alice", "bobby", "carol") == ["alice", "bobby"]


def test_a_list_is_a_file_beside_the_rule_file(
    examined: Examine, tmp_path: Path
) -> None:
    """One entry a line; comments, blank lines and blanks around do not count."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "users.txt").write_bytes(
        b"\xef\xbb\xbf# who may\r\nalice  \r\n\r\n\tbob c\t# since May\n#carol\nd#e"
    )
    found = the_filter(examined, "lists: {users: lists/users.txt}\n" + USER)

    names = ("alice", "bob c", "bob", "carol", "#carol", "d#e", "d", "")
    assert matching(found, *names) == ["alice", "bob c", "d#e"]


def test_entries_may_be_networks(examined: Examine) -> None:
    """A list of addresses is what lists are for."""
    found = the_filter(
        examined, USER + "lists: {users: [10.0.0.0/8, '2001:db8::/32', 192.0.2.1]}\n"
    )

    addresses = ("10.1.2.3", "11.1.2.3", "2001:db8::1", "192.0.2.1")
    assert matching(found, *addresses) == ["10.1.2.3", "2001:db8::1", "192.0.2.1"]


def test_lists_are_visible_to_all_files(examined: Examine, tmp_path: Path) -> None:
    """To rule files that come earlier, and to log routes."""
    (tmp_path / "a.yaml").write_text(USER)
    (tmp_path / "b.yaml").write_text("lists: {users: [alice]}\n")
    route = "routes: [{match: '{ $.user IN @users }', extensions: true, drop: true}]"
    report = examined(
        MINIMAL.replace("}\n", f", {route}}}\n") + "rules: [a.yaml, b.yaml]\n"
    )

    assert lines(report) == []
    assert report.loaded is not None
    assert matching(report.loaded.rules.filters[0], "alice", "bob") == ["alice"]
    assert report.loaded.log_matches[0].matches('{"user": "alice"}')


def test_a_changed_file_is_a_changed_alarm(examined: Examine, tmp_path: Path) -> None:
    """Reading the configuration anew finds it; a new comment changes nothing."""
    rules = "lists: {users: users.txt}\n" + USER
    fingerprints = []
    for text in ("alice\nbob", "bob # b\nalice\nalice\n", "alice\n"):
        (tmp_path / "users.txt").write_text(text)
        report = examined(rules=rules)
        assert report.loaded is not None
        fingerprints.append(report.loaded.rules.alarms[0].fingerprint)

    assert fingerprints[0] == fingerprints[1]
    assert fingerprints[0] != fingerprints[2]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("nope.txt", "lists.users: 'nope.txt' cannot be read: No such file or dir"),
        (".", "lists.users: '.' cannot be read: Is a directory"),
        ("empty.txt", "lists.users: 'empty.txt' has no entries"),
        (
            "latin.txt",
            "lists.users: 'latin.txt' is no UTF-8: there is an invalid byte on line 2",
        ),
        (r'"a\0b"', r"lists.users: 'a\x00b' is no file's name"),
        ("big.txt", "lists.users: 'big.txt' is larger than 16 MiB"),
        ("''", "lists.users: is neither a file's name nor a list of texts"),
        ("3", "lists.users: is neither a file's name nor a list of texts"),
        ("{a: b}", "lists.users: is neither a file's name nor a list of texts"),
        ("[]", "lists.users: is neither a file's name nor a list of texts"),
        ("[a, 3]", "lists.users[1]: is no text; put it in quotes"),
        ("[a, '', b]", "lists.users[1]: is empty"),
        ("[[a]]", "lists.users[0]: is no text"),
        ("[a, 10.0.0.0/99]", "lists.users[1]: "),
    ],
)
def test_what_is_wrong_with_a_list_is_told_once(
    examined: Examine, tmp_path: Path, source: str, expected: str
) -> None:
    """At the list's own place; that a pattern refers to it is no second problem."""
    (tmp_path / "empty.txt").write_text("# nobody\n\n")
    (tmp_path / "latin.txt").write_bytes(b"alice\nJos\xe9\n")
    (tmp_path / "big.txt").write_bytes(b"x\n" * (MAX_FILE_BYTES // 2 + 1))
    found = lines(examined(rules=USER + f"lists:\n  users: {source}\n"))

    assert len(found) == 1
    assert found[0].startswith(f"rules.yaml:4: {expected}")


def test_a_faulty_entry_of_a_file_is_told_with_its_line(
    examined: Examine, tmp_path: Path
) -> None:
    """The first ten of them: a wrong file is all faults."""
    networks = "".join(f"10.0.0.0/{bits}\n" for bits in range(30, 60))
    (tmp_path / "nets.txt").write_text(f"# networks\n{networks}")
    found = lines(examined(rules=USER + "lists: {users: nets.txt}\n"))

    assert len(found) == 10
    places = [line.split(": ")[0] for line in found]
    assert places == [f"nets.txt:{line}" for line in range(5, 15)]


def test_names_are_unique_across_files(examined: Examine, tmp_path: Path) -> None:
    """The other one is named."""
    (tmp_path / "a.yaml").write_text("lists:\n  users: [alice]\n")
    (tmp_path / "b.yaml").write_text("lists: {users: [bob]}\n")

    assert lines(examined("rules: [a.yaml, b.yaml]\n")) == [
        "b.yaml:1: lists.users: 'users' is the name of another list as well: a.yaml:2"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "lists: {a b: [c]}",
            "rules.yaml:1: lists.a b: the key 'a b' is no list name: 1 to 128 of",
        ),
        ("lists: [users]", "rules.yaml:1: lists: a list is no mapping; write key:"),
        (
            USER,
            "rules.yaml:2: metric_filters[0].pattern: '{ $.user IN @users }' is no"
            " filter pattern: no list is named 'users'; there are none",
        ),
    ],
)
def test_wrong_names_are_told(examined: Examine, text: str, expected: str) -> None:
    """Whether a list has one or a pattern refers to one."""
    (found,) = lines(examined(rules=text))

    assert found.startswith(expected)
