"""A target's entries: in order for each alarm group, none held up by another group."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from relay.model import OutboxEntry
from relay.notify.backlog import Backlog
from tests.notify.examples import entry, notification


def of(alarm: str, number: int = 1, due: float = 0.0, group: str = "") -> OutboxEntry:
    """Return entry ``<alarm>-<number>`` of one group of ``alarm``."""
    return entry(
        id=f"{alarm}-{number}",
        notification=notification(alarm=alarm, group={"$.g": group}),
        next_attempt_at=due,
    )


def taken(backlog: Backlog, now: float = 0.0) -> str | None:
    """Take the next entry and return its id."""
    found = backlog.take(now)
    return None if found is None else found.id


def test_an_empty_backlog_has_nothing_to_take() -> None:
    """And nothing is due."""
    backlog = Backlog()

    assert not backlog
    assert (taken(backlog), backlog.next_due_at()) == (None, None)


def test_entries_come_in_the_order_they_were_added() -> None:
    """Across groups too, as long as nothing failed."""
    backlog = Backlog()
    for each in (of("a"), of("b"), of("a", 2)):
        backlog.add(each)

    order = []
    while backlog:
        order.append(taken(backlog))
        backlog.settle()

    assert order == ["a-1", "b-1", "a-2"]


def test_a_group_waits_behind_its_first_entry_and_others_do_not() -> None:
    """A failed entry comes again before its successor; other groups go on."""
    backlog = Backlog()
    for each in (of("a"), of("a", 2), of("b"), of("a", 3, group="other")):
        backlog.add(each)

    taken(backlog)
    backlog.retry(of("a", due=10.0))

    assert taken(backlog, 5.0) == "b-1"
    backlog.settle()
    assert taken(backlog, 5.0) == "a-3"
    backlog.settle()
    assert (taken(backlog, 5.0), backlog.next_due_at()) == (None, 10.0)
    assert taken(backlog, 10.0) == "a-1"


def test_expedite_makes_all_due_that_is_not_taken() -> None:
    """What is under way is not handed out a second time."""
    backlog = Backlog()
    for each in (of("a", due=10.0), of("b", due=20.0), of("c")):
        backlog.add(each)
    taken(backlog)

    backlog.expedite()
    backlog.retry(of("c", due=30.0))

    assert taken(backlog) == "a-1"
    backlog.settle()
    assert taken(backlog) == "b-1"
    backlog.settle()
    assert (taken(backlog), backlog.next_due_at()) == (None, 30.0)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 9)), max_size=30),
    st.data(),
)
def test_every_entry_is_settled_once_and_in_order(
    added: list[tuple[str, float]], data: st.DataObject
) -> None:
    """Whatever fails how often: none is lost, doubled, or overtaken in its group."""
    backlog = Backlog()
    entries = [of(name, number, due) for number, (name, due) in enumerate(added)]
    for each in entries:
        backlog.add(each)

    settled: list[OutboxEntry] = []
    while (now := backlog.next_due_at()) is not None:
        current = backlog.take(now)
        assert current is not None
        if current.attempts < 2 and data.draw(st.booleans()):
            backlog.retry(
                msgspec.structs.replace(
                    current, attempts=current.attempts + 1, next_attempt_at=now + 1
                )
            )
        else:
            settled.append(current)
            backlog.settle()

    for name in "abc":
        assert [e.id for e in settled if e.notification.alarm == name] == [
            e.id for e in entries if e.notification.alarm == name
        ]
