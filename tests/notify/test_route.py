"""The routing tree follows Alertmanager's rules."""

from typing import Any

import pytest

from relay.config.route_section import Route
from relay.notify.route import RoutedReceiver, Router


def receivers(route: dict[str, Any], labels: dict[str, str]) -> list[str]:
    """Return the names of the receivers that ``labels`` are routed to."""
    router = Router(Route.model_validate(route))
    return [each.receiver for each in router.route(labels)]


def test_without_a_route_nobody_is_told() -> None:
    """No ``notify.route``: no receiver."""
    assert Router(None).route({"severity": "high"}) == ()


TREE = {
    "receiver": "default",
    "routes": [
        {"match": {"severity": "critical"}, "receiver": "pager", "continue": True},
        {
            "match": {"team": "iam"},
            "receiver": "iam",
            "routes": [
                {"match": {"severity": "low"}, "receiver": "iam-mail"},
                {"match": {"severity": "critical", "alarm": "root"}},
            ],
        },
        {"match": {"team": "iam"}, "receiver": "never"},
    ],
}


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param({}, ["default"], id="no child matches: the root keeps it"),
        pytest.param({"severity": "critical"}, ["pager"], id="continue, then no more"),
        pytest.param({"team": "iam"}, ["iam"], id="the first sibling ends the walk"),
        pytest.param(
            {"team": "iam", "severity": "low"}, ["iam-mail"], id="depth first"
        ),
        pytest.param(
            {"team": "iam", "severity": "critical"},
            ["pager", "iam"],
            id="continue goes on to the siblings",
        ),
        pytest.param(
            {"team": "iam", "severity": "critical", "alarm": "root"},
            ["pager", "iam"],
            id="a child without receiver has its parent's",
        ),
        pytest.param({"team": "net"}, ["default"], id="another value does not match"),
    ],
)
def test_walks_as_alertmanager_does(
    labels: dict[str, str], expected: list[str]
) -> None:
    """Depth first, the first match wins unless it continues, the parent else."""
    assert receivers(TREE, labels) == expected


def test_match_and_matchers_must_both_hold() -> None:
    """Equal labels, and conditions beside them."""
    route = {
        "receiver": "a",
        "routes": [
            {"match": {"team": "iam"}, "matchers": ["account=~1.*"], "receiver": "b"}
        ],
    }

    assert receivers(route, {"team": "iam", "account": "12"}) == ["b"]
    assert receivers(route, {"team": "iam", "account": "21"}) == ["a"]
    assert receivers(route, {"account": "12"}) == ["a"]


def test_time_intervals_are_each_nodes_own() -> None:
    """Unlike all else they are not inherited."""
    route = Route.model_validate(
        {
            "receiver": "a",
            "routes": [
                {
                    "mute_time_intervals": ["night"],
                    "active_time_intervals": ["year"],
                    "routes": [{"match": {"x": "y"}}],
                }
            ],
        }
    )

    (outer,) = Router(route).route({})
    (inner,) = Router(route).route({"x": "y"})

    assert outer.mute_time_intervals == ("night",)
    assert outer.active_time_intervals == ("year",)
    assert (inner.mute_time_intervals, inner.active_time_intervals) == ((), ())


def test_the_first_way_to_a_receiver() -> None:
    """Children stand before their parent, as they do in the walk."""
    route = Route.model_validate(
        {
            "receiver": "a",
            "routes": [
                {"match": {"x": "y"}, "receiver": "b", "send_resolved": False},
                {"receiver": "a", "send_resolved": False},
            ],
        }
    )
    router = Router(route)

    found = [router.first_to(name) for name in ("a", "b", "c")]

    assert [each and each.send_resolved for each in found] == [False, False, None]
    assert Router(None).first_to("a") is None


def test_a_way_says_where_it_went_and_why() -> None:
    """The option as people write it, and all conditions from the root down."""
    router = Router(Route.model_validate(TREE))

    (way,) = router.ways({"team": "iam", "severity": "low"})

    assert way.option == "notify.route.routes[1].routes[0]"
    assert [str(each) for each in way.matchers] == ['team="iam"', 'severity="low"']
    assert way.routed.receiver == "iam-mail"
    assert Router(None).ways({}) == ()


def test_a_receiver_that_is_reached_twice_is_told_once() -> None:
    """The first route to it says how."""
    route = Route.model_validate(
        {
            "receiver": "security",
            "routes": [
                {"continue": True, "repeat_interval": "1h"},
                {"repeat_interval": "2h"},
            ],
        }
    )

    routed = Router(route).route({})

    assert routed == (
        RoutedReceiver(
            receiver="security", repeat_interval_secs=3600.0, send_resolved=True
        ),
    )


def test_what_a_node_does_not_say_its_parent_says() -> None:
    """``repeat_interval`` and ``send_resolved`` are inherited, or overruled."""
    route = Route.model_validate(
        {
            "receiver": "a",
            "repeat_interval": "1h",
            "send_resolved": False,
            "routes": [
                {"continue": True, "receiver": "b"},
                {"receiver": "c", "repeat_interval": "0s", "send_resolved": True},
            ],
        }
    )

    routed = Router(route).route({})

    assert [(r.receiver, r.repeat_interval_secs, r.send_resolved) for r in routed] == [
        ("b", 3600.0, False),
        ("c", 0.0, True),
    ]
