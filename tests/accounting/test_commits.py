"""relay.accounting.commits: one commit never says two things of one alarm group."""

from relay.accounting.commits import add_outcome, add_plan, add_removed, merge
from relay.alarms.outcome import Outcome
from relay.model import AlarmKey, Group, SavedAlarm
from relay.notify.plan import Plan
from relay.state.store import Commit, LedgerKey, Notified, ObjectMark
from tests.notify.examples import entry

MARK = ObjectMark(
    bucket="b",
    key="k",
    etag="e",
    relayed=True,
    records=1,
    account="111122223333",
    region="eu-west-1",
)
TOLD = Notified(alarm="a", group=(), receiver="all", at=1.0)


def saved(name: str, *group: str, body: bytes = b"old") -> SavedAlarm:
    """Return an alarm group's state."""
    return SavedAlarm(
        alarm=AlarmKey(name=name, fingerprint="1"), group=group, body=body
    )


def removed(*groups: Group) -> tuple[tuple[str, Group], ...]:
    """Return that these groups of the alarm "a" are gone."""
    return tuple(("a", group) for group in groups)


def test_newest_word_on_a_group_is_kept() -> None:
    """Two outcomes in one commit: the later state wins, other groups stay."""
    commit = Commit(at=1.0)
    add_outcome(commit, Outcome(changed=(saved("a"), saved("b"))))
    newer = saved("a", body=b"new")

    add_outcome(commit, Outcome(changed=(newer,)))

    assert commit.alarms == [saved("b"), newer]


def test_group_that_is_gone_is_not_saved() -> None:
    """Saved and then removed: only the removal is left."""
    commit = Commit(at=1.0)
    add_outcome(commit, Outcome(changed=(saved("a", "x"), saved("a", "y"))))

    add_outcome(commit, Outcome(removed=removed(("x",))))

    assert commit.alarms == [saved("a", "y")]
    assert commit.alarms_removed == [("a", ("x",))]


def test_group_that_comes_back_is_not_removed() -> None:
    """Removed and then saved: a store that deletes last must not delete it."""
    commit = Commit(at=1.0)
    add_removed(commit, removed(("x",), ("y",)))

    add_outcome(commit, Outcome(changed=(saved("a", "x"),)))

    assert commit.alarms == [saved("a", "x")]
    assert commit.alarms_removed == [("a", ("y",))]


def test_notifications_go_with_their_transitions() -> None:
    """What is planned is in the same commit: neither can be without the other."""
    commit = Commit(at=1.0)

    add_plan(commit, Plan(entries=(entry(),), changes=(TOLD,)))

    assert commit.outbox == [entry()]
    assert commit.notified == [TOLD]


def test_merged_commit_holds_all_of_both() -> None:
    """Lists are joined and lines of the ledger are summed."""
    line = LedgerKey(account="1", region="r", outcome="relayed")
    other = LedgerKey(account="1", region="r", outcome="dropped")
    commit = Commit(at=2.0, ledger={line: 3}, outbox_done=["first"])
    part = Commit(
        at=1.0,
        objects=[MARK],
        counted_events=[("f", "id")],
        outbox=[entry()],
        outbox_done=["second"],
        outbox_dead=[("third", "gone")],
        notified=[TOLD],
        ledger={line: 4, other: 1},
    )

    merge(commit, part)

    assert commit == Commit(
        at=2.0,
        objects=[MARK],
        counted_events=[("f", "id")],
        outbox=[entry()],
        outbox_done=["first", "second"],
        outbox_dead=[("third", "gone")],
        notified=[TOLD],
        ledger={line: 7, other: 1},
    )


def test_merged_commit_brings_no_alarms() -> None:
    """Only the engine's outcomes say what is saved of alarms."""
    commit = Commit(at=2.0, alarms=[saved("a")])

    merge(commit, Commit(at=1.0, alarms=[saved("b")], alarms_removed=[("a", ())]))

    assert commit.alarms == [saved("a")]
    assert commit.alarms_removed == []
