"""Decode only the fields that some rule reads, and nothing else of a record.

From the selectors of all rules a tree of msgspec Struct types is built: an object that
some selector leads *through* becomes a Struct with one field per member that is read,
the place a selector leads *to* is decoded as it is. Everything else is skipped without
being built, which is several times as fast as a dict of the whole record.

Any JSON decodes: where a Struct is expected there may be any other value instead (then
what lies below it is missing), and what is expected as it is may be anything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import takewhile
from operator import attrgetter
from typing import Any, Final

import msgspec

from relay.patterns import (
    MISSING,
    Getter,
    Name,
    Selector,
    Step,
    parse_selector,
    resolve_steps,
)
from relay.patterns.message import parse_message
from relay.trail.readers import JointGetter, Path, joint_reader

REFUSED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What ``Projection.decode`` raises for a record that it cannot read."""

EVENT_TIME: Final = parse_selector("$.eventTime")
EVENT_ID: Final = parse_selector("$.eventID")
# Aggregated records have neither (CloudTrail User Guide, "Aggregating data events").
AGGREGATED_TIME: Final = parse_selector("$.timeWindow.windowEnd")
AGGREGATED_ID: Final = parse_selector("$.eventId")
IDENTITY: Final = (EVENT_TIME, EVENT_ID, AGGREGATED_TIME, AGGREGATED_ID)
"""What a record's time and id are read from."""

_USUAL_PLACES: Final = {
    name: place
    for place, name in enumerate(
        (
            *("type", "principalId", "arn", "accountId", "accessKeyId", "userName"),
            *("sessionContext", "sessionIssuer", "attributes", "invokedBy"),
            *("eventVersion", "userIdentity", "eventTime", "eventSource", "eventName"),
            *("awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage"),
            *("requestParameters", "responseElements", "additionalEventData"),
            *("requestID", "eventID", "readOnly", "resources", "eventType"),
            *("managementEvent", "recipientAccountId", "eventCategory"),
        )
    )
}
"""The order in which CloudTrail writes members of a record and of its userIdentity.

Fields in this order are found at once: msgspec looks for each member first at the field
behind the one that it found last.
"""

_MAX_DEPTH: Final = 16
"""Levels of Structs; what a selector reads below them is looked up in parsed JSON."""


class Projection:
    """The fields that a set of selectors reads, as a type to decode records with.

    Selectors that share a beginning share its Structs. Where one leads to an object
    that others lead through, the object is decoded whole and the others look into that.
    The selectors in IDENTITY are always among them.
    """

    def __init__(self, selectors: Iterable[Selector]) -> None:
        self._root = _build({_path(one) for one in (*IDENTITY, *selectors)})
        whole: Any = dict[str, Any]
        self.type: Any = whole if self._root is None else self._root.type
        self.decode: Callable[[bytes], Any] = msgspec.json.Decoder(self.type).decode
        """Decode one record, the fast way; raises one of REFUSED."""
        self.read_identity: JointGetter = self.joint_getter(IDENTITY)
        """Return what stands at each selector of IDENTITY."""

    def decode_leniently(self, message: str) -> object | None:
        """Decode one record, whatever it is; None when nothing can read it.

        Reads what ``decode`` refuses although it is JSON, such as 1e309. None is for
        what matches no pattern at all: no JSON object, or one nested a thousand levels
        deep.
        """
        event = parse_message(message)
        if event is None or self._root is None:
            return event
        return self._root.project(event)

    def getter(self, selector: Selector) -> Getter:
        """Return the function from a decoded record to what ``selector`` leads to.

        It returns what ``selector.resolve`` does on the record parsed whole. Raises
        KeyError when the projection was built without ``selector``.
        """
        node = self._root
        if node is None:
            return partial(resolve_steps, selector.steps)
        get: Getter | None = None
        for depth, name in enumerate(_path(selector), start=1):
            get_member: Getter = attrgetter(node.fields[name])
            get = _descend(get, node.type, get_member) if get else get_member
            node = node.members[name]
            if node is None:
                rest = selector.steps[depth:]
                return _resolve_rest(get, rest) if rest else get
        raise KeyError(selector.text)

    def joint_getter(self, selectors: Iterable[Selector]) -> JointGetter:
        """Return one function for what several selectors lead to, in their order."""
        wanted = tuple(selectors)
        if any(self._leaf(selector)[1] for selector in wanted):
            getters = [self.getter(selector) for selector in wanted]
            return lambda fields: tuple([get(fields) for get in getters])
        return self.leaf_getter(wanted)

    def leaf_getter(self, selectors: Iterable[Selector]) -> JointGetter:
        """Return one function for what stands at each selector's leaf, in their order.

        The leaf is the last place on its way that is decoded by itself; ``below_leaf``
        leads on from there.
        """
        leaves = [self._leaf(selector)[0] for selector in selectors]
        if self._root is None:
            return lambda fields: (fields,) * len(leaves)
        return joint_reader(self.type(), leaves)

    def below_leaf(self, selector: Selector) -> Getter | None:
        """Return what leads on from the selector's leaf, None when nothing has to."""
        _, rest = self._leaf(selector)
        return partial(resolve_steps, rest) if rest else None

    def _leaf(self, selector: Selector) -> tuple[Path, tuple[Step, ...]]:
        """Return the Structs' fields on the selector's way, and the steps behind."""
        node, fields = self._root, list[str]()
        for name in _path(selector):
            if node is None:
                break
            if name not in node.fields:
                raise KeyError(selector.text)
            fields.append(node.fields[name])
            node = node.members[name]
        if node is not None:
            raise KeyError(selector.text)
        return tuple(fields), selector.steps[len(fields) :]


class _Object:
    """An object of which some members are read; a member of None is read whole."""

    def __init__(self, members: Mapping[str, "_Object | None"]) -> None:
        self.members = members
        # Members may be called anything; a Struct's fields must be identifiers.
        self.fields = {name: f"f{number}" for number, name in enumerate(members)}
        self.type = msgspec.defstruct(
            "Fields",
            [
                (self.fields[name], _type_of(member), _default_of(member))
                for name, member in members.items()
            ],
            rename={field: name for name, field in self.fields.items()},
            frozen=True,
            gc=False,
        )

    def project(self, value: dict[str, Any]) -> object:
        """Return the Struct that decoding the JSON of ``value`` would give."""
        return self.type(
            **{
                self.fields[name]: (
                    member.project(value[name])
                    if member is not None and isinstance(value[name], dict)
                    else value[name]
                )
                for name, member in self.members.items()
                if name in value
            }
        )


def _build(paths: set[tuple[str, ...]]) -> _Object | None:
    """Return the object that ``paths`` lead into; None when it is to be read whole."""
    if () in paths:
        return None
    below = defaultdict[str, set[tuple[str, ...]]](set)
    for name, *rest in sorted(paths):
        below[name].add(tuple(rest))
    names = sorted(below, key=lambda name: _USUAL_PLACES.get(name, len(_USUAL_PLACES)))
    return _Object({name: _build(below[name]) for name in names})


def _type_of(member: _Object | None) -> Any:  # noqa: ANN401 - a type, built at run time
    """Return the type to decode a member as; no JSON value fails to be of that type."""
    if member is None:
        return object
    return member.type | str | int | float | bool | list | None


def _default_of(member: _Object | None) -> object:
    """Return what stands for a member that is missing.

    For an object it is one without members: nothing is found in either.
    """
    return MISSING if member is None else member.type()


def _path(selector: Selector) -> tuple[str, ...]:
    """Return the selector's leading names, as far as Structs can follow them."""
    names = takewhile(_can_be_field, selector.steps[:_MAX_DEPTH])
    return tuple(step.key for step in names if isinstance(step, Name))


def _can_be_field(step: Step) -> bool:
    """Tell whether msgspec can give a field this name; it refuses some characters."""
    return (
        isinstance(step, Name)
        and step.key.isprintable()
        and not ('"' in step.key or "\\" in step.key)
    )


def _descend(get_outer: Getter, outer_type: type, get_member: Getter) -> Getter:
    """Return the getter of a member of the object that ``get_outer`` gives, if any."""

    def get(fields: object) -> object:
        outer = get_outer(fields)
        return get_member(outer) if type(outer) is outer_type else MISSING

    return get


def _resolve_rest(get: Getter, rest: tuple[Step, ...]) -> Getter:
    """Return the getter of what ``rest`` leads to in what ``get`` gives."""

    def get_rest(fields: object) -> object:
        value = get(fields)
        return MISSING if value is MISSING else resolve_steps(rest, value)

    return get_rest
