"""Routing and planning under anything: against plain models of what they should do."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config.notify_section import Notify
from relay.config.route_section import Route
from relay.model import AlarmState, Silence, Transition
from relay.notify.plan import Plan, Planner, Situation
from relay.notify.route import Router
from relay.notify.silences import Silences
from relay.notify.told import Told
from tests.notify.examples import definition, transition

OK, ALARM = AlarmState.OK, AlarmState.ALARM
HOUR = 3_600.0
MIDNIGHT = 1_789_344_000.0  # 2026-09-14, UTC
Happening = list[str | float | int | None]
RECEIVERS = ["a", "b", "c"]
NAMES, VALUES = ["x", "y"], ["", "1", "2"]

conditions = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=2
)


def routes(depth: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of routes, as files have them, nested ``depth`` deep at most."""
    inner = routes(depth - 1) if depth else st.just([])
    route = st.fixed_dictionaries(
        {"match": conditions, "continue": st.booleans(), "routes": inner},
        optional={"receiver": st.sampled_from(RECEIVERS)},
    )
    return st.lists(route, max_size=3)


def reference(
    route: dict[str, Any], labels: dict[str, str], inherited: str
) -> Iterator[str]:
    """Yield the receivers as Alertmanager's documentation tells it, word for word."""
    receiver = route.get("receiver", inherited)
    fitting = []
    for child in route["routes"]:
        if all(labels.get(name, "") == value for name, value in child["match"].items()):
            fitting.append(child)
            if not child["continue"]:
                break
    for child in fitting:
        yield from reference(child, labels, receiver)
    if not fitting:
        yield receiver


@given(routes(2), conditions)
def test_the_tree_is_walked_as_the_reference_does(
    children: list[dict[str, Any]], labels: dict[str, str]
) -> None:
    """Whatever the tree and the labels are; each receiver once."""
    root = {"receiver": "a", "routes": children}
    router = Router(Route.model_validate(root))

    found = [each.receiver for each in router.route(labels)]

    assert found == list(dict.fromkeys(reference(root, labels, "a")))


def target(name: str) -> dict[str, Any]:
    """Return a receiver with one target."""
    url = f"https://sqs.eu-west-1.amazonaws.com/123456789012/{name}"
    return {"name": name, "sqs": [{"queue_url": url}]}


PLANNER = Planner(
    Notify.model_validate(
        {
            "receivers": [target("day"), target("always")],
            "route": {
                "receiver": "always",
                "repeat_interval": "0s",
                "routes": [
                    {
                        "receiver": "day",
                        "active_time_intervals": ["day"],
                        "continue": True,
                    },
                    {"receiver": "always"},
                ],
            },
            "time_intervals": [
                {
                    "name": "day",
                    "time_intervals": [
                        {"times": [{"start_time": "08:00", "end_time": "16:00"}]}
                    ],
                }
            ],
        }
    ),
    [definition()],
    account="111122223333",
    region="eu-west-1",
    configured_at=0.0,
)


class World:
    """One alarm with some groups, told by the planner; time passes by its deadlines."""

    def __init__(self) -> None:
        self.now = MIDNIGHT
        self.told = Told()
        self.silences = Silences()
        self.active: dict[str, Transition] = {}
        self.sent: list[tuple[str, str, AlarmState, float]] = []

    def toggle(self, group: str) -> None:
        """Send ``group`` into ALARM, or out of it."""
        is_end = group in self.active
        change = transition(
            group=(group,),
            at=self.now,
            old=ALARM if is_end else OK,
            new=OK if is_end else ALARM,
        )
        if is_end:
            del self.active[group]
        else:
            self.active[group] = change
        self._take(PLANNER.plan([change], self.situation(), now=self.now))

    def silence(self, secs: float) -> None:
        """Silence alice from now on."""
        silence = Silence(
            id=str(self.now),
            matchers=("userIdentity_userName=alice",),
            starts_at=self.now,
            ends_at=self.now + secs,
            created_by="bob",
            comment="",
        )
        self.silences.take([silence])

    def pass_time(self, secs: float) -> None:
        """Let time pass, deadline by deadline."""
        end = self.now + secs
        while (at := PLANNER.next_reminder(self.situation(), now=self.now)) is not None:
            if at > end:
                break
            self.now = max(self.now, at)
            self._take(PLANNER.reminders(self.situation(), now=self.now))
        self.now = end

    def restart(self) -> None:
        """Forget all but what a store has kept."""
        self.told.keep(self.active.values())

    def situation(self) -> Situation:
        """Return what the planner may know."""
        return Situation(
            told=self.told,
            active=list(self.active.values()),
            silences=self.silences,
        )

    def _take(self, plan: Plan) -> None:
        self.told.take(plan.changes)
        self.sent += [
            (
                each.receiver,
                each.notification.group["$.userIdentity.userName"],
                each.notification.state,
                self.now,
            )
            for each in plan.entries
        ]


def is_day(at: float) -> bool:
    """Tell whether ``at`` is between 8 and 16 o'clock."""
    return 8 * HOUR <= at % (24 * HOUR) < 16 * HOUR


steps = st.lists(
    st.one_of(
        st.sampled_from(["alice", "bob"]),
        st.floats(min_value=1.0, max_value=30 * HOUR),
        st.just(None),
    ),
    max_size=20,
)


silenced = st.lists(
    st.one_of(
        st.sampled_from(["alice", "bob"]),
        st.floats(min_value=1.0, max_value=30 * HOUR),
        st.integers(min_value=1, max_value=48),
        st.just(None),
    ),
    max_size=20,
)


def play(happening: Happening) -> World:
    """Return the world after toggles, hours of silence, time, restarts (None)."""
    world = World()
    for step in happening:
        match step:
            case None:
                world.restart()
            case int():
                world.silence(step * HOUR)
            case str():
                world.toggle(step)
            case float():
                world.pass_time(step)
    return world


@settings(max_examples=200)
@given(silenced)
def test_an_alarm_is_told_once_and_its_end_after_it(
    happening: Happening,
) -> None:
    """For each receiver and group: ALARM, OK, ALARM, OK, ... and nothing else."""
    world = play(happening)

    for receiver in ("day", "always"):
        for group in ("alice", "bob"):
            states = [each[2] for each in world.sent if each[:2] == (receiver, group)]
            assert states == [ALARM, OK] * (len(states) // 2) + [ALARM] * (
                len(states) % 2
            )


@settings(max_examples=200)
@given(silenced)
def test_what_lasts_is_told_when_nothing_keeps_it_mute(
    happening: Happening,
) -> None:
    """At any time, whatever kept it mute before."""
    world = play(happening)

    told = {
        group
        for group in world.active
        if "always" in world.told.receivers("console-login-failures", (group,))
    }
    labels = {"userIdentity_userName": "alice"}
    is_silenced = world.silences.until(labels, world.now) is not None
    assert world.active.keys() - told <= ({"alice"} if is_silenced else set())


@settings(max_examples=200)
@given(steps)
def test_whoever_is_not_mute_is_told_of_every_alarm(
    happening: Happening,
) -> None:
    """One receiver of all; the other one in its hours, of what lasts until then."""
    world = play(happening)
    alarms = [each for each in world.sent if each[2] is ALARM]
    toggles = [step for step in happening if isinstance(step, str)]

    begun = sum((toggles.count(group) + 1) // 2 for group in ("alice", "bob"))
    assert sum(each[0] == "always" for each in alarms) == begun
    assert all(is_day(at) for receiver, _, _, at in alarms if receiver == "day")
    if is_day(world.now):
        told = {
            group
            for group in world.active
            if world.told.receivers("console-login-failures", (group,)).keys()
            >= {"day", "always"}
        }
        assert told == world.active.keys()


@pytest.mark.parametrize("hour", [7, 12, 20])
def test_the_model_knows_day_from_night(hour: int) -> None:
    """So that the properties above are about something."""
    world = World()
    world.pass_time(hour * HOUR)
    world.toggle("alice")

    assert ("day" in {each[0] for each in world.sent}) is (hour == 12)
