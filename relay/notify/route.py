"""The routing tree: which receivers are told of a notification with these labels.

Alertmanager's rules. The tree is walked depth first; a node that matches hands on to
its children, and keeps the notification itself when none of them matches. The first
child that matches ends the walk among its siblings unless it says ``continue``. What a
node does not say, its parent says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from relay.config.notify_section import ChildRoute, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedReceiver:
    """A receiver and how it wants to be told; ``repeat_interval_secs`` 0: once only."""

    receiver: str
    repeat_interval_secs: float
    send_resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    match: Mapping[str, str]
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
        if self._root is None:
            return ()
        found: dict[str, RoutedReceiver] = {}
        for routed in _walk(self._root, labels):
            found.setdefault(routed.receiver, routed)
        return tuple(found.values())


def _walk(node: _Node, labels: Mapping[str, str]) -> Iterator[RoutedReceiver]:
    is_taken = False
    for child in node.children:
        if not child.match.items() <= labels.items():
            continue
        is_taken = True
        yield from _walk(child, labels)
        if not child.goes_on:
            break
    if not is_taken:
        yield node.routed


def _root(route: Route) -> _Node:
    routed = RoutedReceiver(
        receiver=route.receiver,
        repeat_interval_secs=route.repeat_interval,
        send_resolved=route.send_resolved,
    )
    children = tuple(_child(child, routed) for child in route.routes)
    return _Node(match={}, goes_on=False, routed=routed, children=children)


def _child(route: ChildRoute, parent: RoutedReceiver) -> _Node:
    interval, resolved = route.repeat_interval, route.send_resolved
    routed = RoutedReceiver(
        receiver=parent.receiver if route.receiver is None else route.receiver,
        repeat_interval_secs=(
            parent.repeat_interval_secs if interval is None else interval
        ),
        send_resolved=parent.send_resolved if resolved is None else resolved,
    )
    return _Node(
        match=route.match,
        goes_on=route.continue_,
        routed=routed,
        children=tuple(_child(child, routed) for child in route.routes),
    )
