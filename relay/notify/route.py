"""The routing tree: which receivers are told of a notification with these labels.

Alertmanager's rules. The tree is walked depth first; a node that matches hands on to
its children, and keeps the notification itself when none of them matches. The first
child that matches ends the walk among its siblings unless it says ``continue``. What a
node does not say, its parent says; only time intervals are each node's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from relay.config.matchers import Matcher, all_match
from relay.config.route_section import ChildRoute, Route

ROOT = "notify.route"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedReceiver:
    """A receiver and how it wants to be told; ``repeat_interval_secs`` 0: once only.

    The intervals are names: when the route is mute, and outside of which it is.
    """

    receiver: str
    repeat_interval_secs: float
    send_resolved: bool
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How labels came to a receiver: the ``option`` that names it, and why there.

    ``matchers`` are those of the route and of all above it.
    """

    option: str
    matchers: tuple[Matcher, ...]
    routed: RoutedReceiver


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    option: str
    matchers: tuple[Matcher, ...]
    goes_on: bool
    routed: RoutedReceiver
    children: tuple["_Node", ...]


class Router:
    """The tree of ``notify.route``, resolved; without one nobody is told."""

    def __init__(self, route: Route | None) -> None:
        self._root = None if route is None else _root(route)

    def route(self, labels: Mapping[str, str]) -> tuple[RoutedReceiver, ...]:
        """Return who is told, in the tree's order, every receiver once.

        A receiver that is reached twice is told as its first route says.
        """
        return tuple(way.routed for way in self.ways(labels))

    def ways(self, labels: Mapping[str, str]) -> tuple[Way, ...]:
        """Return what ``route`` returns, with the reasons."""
        found: dict[str, Way] = {}
        for way in () if self._root is None else _walk(self._root, labels, ()):
            found.setdefault(way.routed.receiver, way)
        return tuple(found.values())

    def first_to(self, receiver: str) -> RoutedReceiver | None:
        """Return how the first route of the tree that leads to ``receiver`` tells it.

        None: there is no such route, whatever the labels are.
        """
        nodes = () if self._root is None else _all_nodes(self._root)
        return next(
            (node.routed for node in nodes if node.routed.receiver == receiver), None
        )


def _walk(
    node: _Node, labels: Mapping[str, str], above: tuple[Matcher, ...]
) -> Iterator[Way]:
    is_taken = False
    matchers = (*above, *node.matchers)
    for child in node.children:
        if not all_match(child.matchers, labels):
            continue
        is_taken = True
        yield from _walk(child, labels, matchers)
        if not child.goes_on:
            break
    if not is_taken:
        yield Way(option=node.option, matchers=matchers, routed=node.routed)


def _all_nodes(node: _Node) -> Iterator[_Node]:
    for child in node.children:
        yield from _all_nodes(child)
    yield node


def _root(route: Route) -> _Node:
    routed = RoutedReceiver(
        receiver=route.receiver,
        repeat_interval_secs=route.repeat_interval,
        send_resolved=route.send_resolved,
    )
    return _Node(
        option=ROOT,
        matchers=(),
        goes_on=False,
        routed=routed,
        children=_children(route.routes, routed, ROOT),
    )


def _children(
    routes: tuple[ChildRoute, ...], parent: RoutedReceiver, option: str
) -> tuple[_Node, ...]:
    return tuple(
        _child(route, parent, f"{option}.routes[{position}]")
        for position, route in enumerate(routes)
    )


def _child(route: ChildRoute, parent: RoutedReceiver, option: str) -> _Node:
    interval, resolved = route.repeat_interval, route.send_resolved
    routed = RoutedReceiver(
        receiver=parent.receiver if route.receiver is None else route.receiver,
        repeat_interval_secs=(
            parent.repeat_interval_secs if interval is None else interval
        ),
        send_resolved=parent.send_resolved if resolved is None else resolved,
        mute_time_intervals=route.mute_time_intervals,
        active_time_intervals=route.active_time_intervals,
    )
    return _Node(
        option=option,
        matchers=route.all_matchers,
        goes_on=route.continue_,
        routed=routed,
        children=_children(route.routes, routed, option),
    )
