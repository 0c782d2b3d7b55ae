"""The CloudTrail records of a test: each event's own members over a default record."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from relay.clock import isoformat
from relay.config.rule_test_schema import Defaults, EventEntry
from relay.patterns import Index, Name, Selector, resolve_steps
from relay.ruletest.identities import Json, default_identity

_NAMESPACE = UUID("6f1d7c2e-52c4-4f0c-9d0e-2f0f6f3f7a55")
"""Of the event ids that tests make up; any fixed UUID would do."""
_READ_ONLY = ("Describe", "Get", "Head", "List", "Lookup")
_REPETITION = "{n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One event of a test, happening once.

    ``reference`` is what files and reports call it: ``$2``, or ``$2.1`` when it is
    repeated. ``arrives_at`` is epoch seconds. ``account`` and ``region`` are those of
    the log file that it arrives in.
    """

    number: int
    reference: str
    arrives_at: float
    event_id: str | None
    name: str
    account: str
    region: str
    record: bytes


class NoMemberError(Exception):
    """An event is to be without a member that it does not have anyway.

    ``event`` and ``position`` say where: in ``events``, and in its ``remove``.
    """

    def __init__(self, event: int, position: int) -> None:
        super().__init__(f"events[{event}].remove[{position}]")
        self.event = event
        self.position = position


def occurrences(
    events: Sequence[EventEntry], defaults: Defaults, *, test: str, start: float
) -> list[Occurrence]:
    """Return all events as they happen, in the order of the file.

    Raises NoMemberError. ``test`` makes event ids the same in every run.
    """
    return [
        occurrence
        for position, event in enumerate(events)
        for occurrence in _Occurring(event, position, defaults, test).each(start)
    ]


class _Occurring:
    """One entry of ``events``, about to happen."""

    def __init__(
        self, event: EventEntry, position: int, defaults: Defaults, test: str
    ) -> None:
        self._event = event
        self._position = position
        self._test = test
        self._account = event.account or defaults.account
        self._region = event.region or defaults.region
        said = _merged(defaults.record, event.record)
        # What the event itself says in short goes before what lies under all of them.
        for member, value in (
            ("recipientAccountId", event.account),
            ("awsRegion", event.region),
        ):
            if value is not None and member not in event.record:
                said[member] = value
        self._said = said

    def each(self, start: float) -> Iterator[Occurrence]:
        event = self._event
        every = 0.0 if event.repeat is None else event.repeat.every
        for index in range(event.times):
            happens_at = event.at + index * every
            arrives = event.arrives
            if arrives is None:
                arrives = happens_at + (event.delay or 0.0)
            yield self._occurrence(index + 1, start + happens_at, start + arrives)

    def _occurrence(
        self, repetition: int, happens_at: float, arrives_at: float
    ) -> Occurrence:
        number = self._position + 1
        is_repeated = self._event.repeat is not None
        reference = f"${number}.{repetition}" if is_repeated else f"${number}"
        record = self._record(reference, happens_at)
        if is_repeated:
            record = _numbered(record, str(repetition))
        event_id, name = record.get("eventID"), record.get("eventName")
        return Occurrence(
            number=number,
            reference=reference,
            arrives_at=arrives_at,
            event_id=event_id if isinstance(event_id, str) else None,
            name=name if isinstance(name, str) else "",
            account=_fitting(record, "recipientAccountId", r"[0-9]{12}", self._account),
            region=_fitting(record, "awsRegion", r"[a-z0-9-]+", self._region),
            record=json.dumps(record, separators=(",", ":")).encode(),
        )

    def _record(self, reference: str, happens_at: float) -> Json:
        own_id = self._event.id or str(uuid5(_NAMESPACE, f"{self._test} {reference}"))
        record = _default_record(
            self._said, self._account, self._region, isoformat(happens_at)
        )
        record |= {
            "requestID": str(uuid5(_NAMESPACE, f"{own_id} request")),
            "eventID": own_id,
        }
        record = _merged(record, self._said)
        for position, selector in enumerate(self._event.remove):
            if not _remove(record, selector):
                raise NoMemberError(self._position, position)
        return record


def _default_record(
    said: Mapping[str, object], account: str, region: str, at: str
) -> Json:
    """Return the record that ``said`` is merged over (all members but the ids).

    CloudTrail User Guide, "CloudTrail record contents for management, data, and network
    activity events".
    """
    identity = said.get("userIdentity", {})
    name = said.get("eventName", "DescribeInstances")
    return {
        "eventVersion": "1.11",
        "userIdentity": (
            default_identity(identity, account, since=at)
            if isinstance(identity, dict)
            else None
        ),
        "eventTime": at,
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": None,
        "responseElements": None,
        "readOnly": isinstance(name, str) and name.startswith(_READ_ONLY),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }


def _merged(base: Mapping[str, object], over: Mapping[str, object]) -> Json:
    """Return ``over`` laid over ``base``, mapping by mapping; neither is changed."""
    merged = {key: _copied(value) for key, value in base.items()}
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _merged(below, value)
        else:
            merged[key] = _copied(value)
    return merged


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _numbered(record: Json, repetition: str) -> Json:
    def filled(value: object) -> object:
        if isinstance(value, str):
            return value.replace(_REPETITION, repetition)
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        return [filled(each) for each in value] if isinstance(value, list) else value

    return {key: filled(each) for key, each in record.items()}


def _remove(record: Json, selector: Selector) -> bool:
    """Take what ``selector`` leads to out of ``record``; tell whether it was there."""
    *way, last = selector.steps
    inside = resolve_steps(tuple(way), record)
    match last:
        case Name(key) if isinstance(inside, dict) and key in inside:
            del inside[key]
        case Index(position) if isinstance(inside, list) and position < len(inside):
            del inside[position]
        case _:
            return False
    return True


def _fitting(record: Json, member: str, pattern: str, otherwise: str) -> str:
    """Return a member of ``record`` if an object key can hold it."""
    value = record.get(member)
    is_fitting = isinstance(value, str) and re.fullmatch(pattern, value)
    return str(value) if is_fitting else otherwise
