"""The routing tree follows Alertmanager's rules."""

from typing import Any

import pytest

from relay.config.notify_section import Route
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
