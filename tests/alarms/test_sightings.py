"""The records behind an alarm group's datapoints."""

from relay.alarms.sightings import Sightings
from relay.alarms.windows import Slot
from tests.alarms.alarm_values import NOON, condition, point

SLOT = Slot(start=NOON)


def ids(sightings: Sightings, *slots: Slot) -> list[str | None]:
    """Return the event ids of what is shown of ``slots``."""
    return [evidence.event_id for evidence in sightings.inside(slots)]


def test_the_newest_inside_the_slots_are_shown() -> None:
    """Newest first, at most as many as defined, only from inside."""
    sightings = Sightings(condition(evidence=2))
    times = {"before": -1, "a": 0, "c": 299, "b": 298, "after": 300}
    sightings.add(
        [point(NOON + secs, event_id=name) for name, secs in times.items()], now=NOON
    )

    assert ids(sightings, SLOT) == ["c", "b"]
    assert ids(sightings, Slot(start=NOON - 300), Slot(start=NOON + 300)) == [
        "after",
        "before",
    ]


def test_what_came_last_is_kept() -> None:
    """A late burst finds its records, though newer events came before it."""
    sightings = Sightings(condition(evidence=1))
    old = NOON - 86_400
    for number in range(5):
        sightings.add([point(NOON + number, event_id=f"new{number}")], now=NOON)
        sightings.trim()
    sightings.add([point(old, event_id="late")], now=NOON + 1)

    sightings.trim()

    assert ids(sightings, Slot(start=old)) == ["late"]
    assert len(sightings.kept) == 2


def test_evidence_goes_with_its_bucket() -> None:
    """What lies in no bucket any more is forgotten."""
    sightings = Sightings(condition())
    sightings.add([point(NOON, event_id="a"), point(NOON + 60, event_id="b")], now=NOON)

    sightings.trim()
    sightings.drop_outside([condition().bucket(NOON + 60)])

    assert ids(sightings, SLOT) == ["b"]


def test_what_is_kept_is_shown_beside_what_just_came() -> None:
    """Evidence of both is in one order, and survives being saved."""
    before = Sightings(condition())
    before.add([point(NOON + 9, event_id="a"), point(NOON, event_id="b")], now=NOON)
    before.trim()
    again = Sightings(condition(), before.kept)

    again.add([point(NOON + 5, event_id="c")], now=NOON + 60)

    assert ids(again, SLOT) == ["a", "c", "b"]


def test_no_evidence_wanted_or_given() -> None:
    """``evidence: 0`` keeps nothing; a datapoint need not have any."""
    unwanted, absent = Sightings(condition(evidence=0)), Sightings(condition())

    unwanted.add([point(NOON, event_id="a")], now=NOON)
    absent.add([point(NOON)], now=NOON)
    unwanted.trim()
    absent.trim()

    assert unwanted.kept == absent.kept == []
