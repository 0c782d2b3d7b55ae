"""Account and region of a record: what CloudWatch Logs calls its system fields."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from relay.config.criteria import Criteria
from relay.model import LogFileKey
from relay.patterns import Getter, parse_selector
from relay.rules.values import text_of
from relay.trail.projection import Projection

_ACCOUNT: Final = parse_selector("$.recipientAccountId")
_REGION: Final = parse_selector("$.awsRegion")
SYSTEM_FIELDS: Final = frozenset({_ACCOUNT, _REGION})
"""What a projection must contain for ``SystemFieldReader``."""

CAPACITY: Final = 4096
"""Accounts and regions whose choice of filters is remembered; then all is forgotten."""

_MAX_LENGTH: Final = 64  # characters; ids have 12, regions fewer than 30


class Origin(NamedTuple):
    """Where a record comes from; "" for what nobody knows."""

    account: str = ""
    region: str = ""


NOWHERE: Final = Origin()


class SystemFieldReader:
    """Takes the system fields out of records that one projection decoded."""

    def __init__(self, projection: Projection) -> None:
        self._get_account = projection.getter(_ACCOUNT)
        self._get_region = projection.getter(_REGION)

    def read(self, fields: object | None, key: LogFileKey) -> Origin:
        """Return the record's own account and region, or else those of its file."""
        if fields is None:
            return Origin(key.account, key.region)
        return Origin(
            _own(self._get_account, fields) or key.account,
            _own(self._get_region, fields) or key.region,
        )


class Selection:
    """Which metric filters do not look at records of an account and region at all."""

    def __init__(self, criteria: Sequence[Criteria | None]) -> None:
        """Take the criteria of all filters, in their order."""
        self._criteria = [
            (position, each)
            for position, each in enumerate(criteria)
            if each is not None
        ]
        self._excluded: dict[Origin, frozenset[int]] = {}

    def __bool__(self) -> bool:
        """Tell whether any filter has criteria."""
        return bool(self._criteria)

    def excluded(self, origin: Origin) -> frozenset[int]:
        """Return the positions of the filters that do not look at ``origin``."""
        found = self._excluded.get(origin)
        if found is None:
            if len(self._excluded) >= CAPACITY:
                self._excluded.clear()
            found = self._excluded[origin] = frozenset(
                position
                for position, each in self._criteria
                if not each.admits(*origin)
            )
        return found


def _own(get: Getter, fields: object) -> str | None:
    """Return a field's text; one that is too long is none, since texts are kept."""
    text = text_of(get(fields))
    return text if text is not None and len(text) <= _MAX_LENGTH else None
