"""Puts notifications on an EventBridge bus, as CloudWatch puts its alarms' changes.

Each notification is an event of its own, so that rules match on each. EventBridge
takes some events of a request and refuses others: those that it took are remembered
until the bundle is done, and not put again. After a restart they are not remembered:
``detail.relay.id`` tells a consumer that it has seen an event before.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from relay.aws.errors import entry_error, translated
from relay.config.aws_targets import EventBridgeTarget
from relay.errors import RejectedError, TransientError
from relay.model import Bundle, Notification
from relay.notify.cloudwatch_message import alarm_arn, encode
from relay.notify.receivers.state_change import SOURCE, change, short_enough

DETAIL_TYPE = "CloudWatch Alarm State Change"
MAX_ENTRIES = 10
MAX_REQUEST_BYTES = 256 * 1024
"""Of a request's entries together, and so of one (EventBridge User Guide, "Calculating
PutEvents event entry size")."""

_MAX_DETAIL_BYTES = 240 * 1024  # the event around it counts as well
_MAX_REMEMBERED = 1_000
_TIME_BYTES = 14  # what a time counts, whatever it is
_SENDER_FAULTS = frozenset(
    {"MalformedDetail", "InvalidArgument", "InvalidAccountIdException"}
    | {"NotAuthorizedForSourceException", "NotAuthorizedForDetailTypeException"}
)

_Entry = dict[str, Any]


class EventsClient(Protocol):
    """The one call of aiobotocore's EventBridge client that is made here."""

    async def put_events(self, **arguments: object) -> Mapping[str, Any]:
        """Put up to ten events."""
        ...


class EventBridgeSender:
    """Sends to one bus; ``client_for`` gives the client of a region."""

    def __init__(
        self,
        target: EventBridgeTarget,
        client_for: Callable[[str], Awaitable[EventsClient]],
        *,
        home_region: str,
    ) -> None:
        self._bus = target.bus
        is_arn = target.bus.startswith("arn:")
        own = target.bus.split(":")[3] if is_arn else home_region
        self._region = target.region or own
        self._client_for = client_for
        self._accepted: dict[str, dict[str, str]] = {}

    async def send(self, bundle: Bundle) -> str:
        """Put all that was not taken yet; return the newest event's id.

        Raises TransientError when some must be tried again; RejectedError when some
        never will be taken, and all others were.
        """
        accepted = self._accepted.pop(bundle.id, {})
        errors = await self._put_rest(bundle, accepted)
        if errors:
            self._remember(bundle.id, accepted)
            raise _worst(errors)
        event_id = accepted[bundle.newest.id]
        count = len(bundle.notifications)
        return event_id if count == 1 else f"{event_id} and {count - 1} more"

    async def _put_rest(
        self, bundle: Bundle, accepted: dict[str, str]
    ) -> Sequence[TransientError | RejectedError]:
        rest = [each for each in bundle.notifications if each.id not in accepted]
        entries = [(each.id, self._entry(each, bundle)) for each in rest]
        what = f"put events on {self._bus}"
        errors: list[TransientError | RejectedError] = []
        for request in _requests(entries):
            try:
                client = await self._client_for(self._region)
                with translated(what):
                    answer = await client.put_events(
                        Entries=[entry for _, entry in request]
                    )
            except (TransientError, RejectedError) as error:
                errors.append(error)
                break
            for (key, _), result in zip(request, answer["Entries"], strict=True):
                if "EventId" in result:
                    accepted[key] = result["EventId"]
                    continue
                code = str(result.get("ErrorCode", "Unknown"))
                text = str(result.get("ErrorMessage", ""))
                is_ours = code in _SENDER_FAULTS
                errors.append(
                    entry_error(what, code=code, text=text, is_sender_fault=is_ours)
                )
        return errors

    def _entry(self, notification: Notification, bundle: Bundle) -> _Entry:
        suppressed = bundle.suppressed if notification is bundle.newest else 0
        fitting = short_enough(notification, _MAX_DETAIL_BYTES)
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Time": datetime.fromtimestamp(notification.at, UTC),
            "Resources": [alarm_arn(notification)],
            "Detail": encode(change(fitting, suppressed=suppressed)).decode(),
        }

    def _remember(self, bundle_id: str, accepted: dict[str, str]) -> None:
        if accepted:
            self._accepted[bundle_id] = accepted
        if len(self._accepted) > _MAX_REMEMBERED:
            del self._accepted[next(iter(self._accepted))]


def _worst(
    errors: Iterable[TransientError | RejectedError],
) -> TransientError | RejectedError:
    """Return the first that may pass, or else the first."""
    first, *others = errors
    for each in (first, *others):
        if isinstance(each, TransientError):
            return each
    return first


def _requests(
    entries: Iterable[tuple[str, _Entry]],
) -> Iterator[list[tuple[str, _Entry]]]:
    """Yield the entries as many at a time as PutEvents takes, in their order."""
    request: list[tuple[str, _Entry]] = []
    total_bytes = 0
    for key, entry in entries:
        size_bytes = _size_bytes(entry)
        is_full = total_bytes + size_bytes >= MAX_REQUEST_BYTES
        if request and (is_full or len(request) == MAX_ENTRIES):
            yield request
            request, total_bytes = [], 0
        request.append((key, entry))
        total_bytes += size_bytes
    if request:
        yield request


def _size_bytes(entry: _Entry) -> int:
    texts = [entry["Source"], entry["DetailType"], entry["Detail"], *entry["Resources"]]
    return _TIME_BYTES + sum(len(text.encode()) for text in texts)
