"""Deadlines that move."""

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.deadlines import Deadlines


def test_the_earliest_comes_first() -> None:
    """What is due comes out in order of its deadline; the rest stays."""
    deadlines = Deadlines[str]()
    for item, due in (("b", 2.0), ("c", 3.0), ("a", 1.0)):
        deadlines.set(item, due)

    assert deadlines.pop(2.0) == ["a", "b"]
    assert deadlines.next() == 3.0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.one_of(st.none(), st.integers(0, 20).map(float)),
            st.booleans(),
        ),
        max_size=200,
    )
)
@settings(deadline=None)
def test_behaves_like_a_plain_dict(moves: list[tuple[int, float | None, bool]]) -> None:
    """However deadlines move, are lifted or popped, the newest one counts."""
    deadlines, plain = Deadlines[int](), dict[int, float]()
    for item, due, pops in moves:
        if pops and due is not None:
            popped = deadlines.pop(due)
            assert sorted(popped) == sorted(i for i, d in plain.items() if d <= due)
            for each in popped:
                del plain[each]
        else:
            deadlines.set(item, due)
            plain.pop(item, None)
            if due is not None:
                plain[item] = due

        assert deadlines.next() == min(plain.values(), default=None)


def test_forgotten_items_do_not_pile_up() -> None:
    """Items that come and go long before they are due are not kept."""
    deadlines = Deadlines[object]()
    deadlines.set("stays", 5.0)
    for number in range(10_000):
        deadlines.set(number, 1e9)
        deadlines.discard(number)

    assert len(deadlines) < 100
    assert deadlines.pop(1e9) == ["stays"]
