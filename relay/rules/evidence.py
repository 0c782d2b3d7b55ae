"""Who, what, from where: the few fields of a record that a notification shows."""

import re
from typing import Final

from relay.clock import isoformat
from relay.model import Evidence, LogFileKey, LogObject, Record
from relay.patterns import Getter, Selector, parse_selector
from relay.rules.values import text_of
from relay.trail.projection import Projection

_MAX_LENGTH: Final = 256
"""Characters of a value that are shown; CloudTrail's own limits go up to 1 KB."""

# Each value is the first of its selectors that leads to a string or number. Insight
# events keep theirs in insightDetails, aggregated ones their account at the top
# (CloudTrail User Guide, "CloudTrail record contents for Insights events").
_FIELDS: Final[dict[str, tuple[Selector, ...]]] = {
    name: tuple(parse_selector(text) for text in texts)
    for name, texts in {
        "event_name": ("$.eventName", "$.insightDetails.eventName"),
        "event_source": ("$.eventSource", "$.insightDetails.eventSource"),
        "principal_type": ("$.userIdentity.type",),
        "account": ("$.recipientAccountId", "$.accountId", "$.userIdentity.accountId"),
        "region": ("$.awsRegion",),
        "source_ip": ("$.sourceIPAddress",),
        "user_agent": ("$.userAgent",),
        "error_code": ("$.errorCode", "$.insightDetails.errorCode"),
        "error_message": ("$.errorMessage",),
    }.items()
}
_ARN: Final = parse_selector("$.userIdentity.arn")
# Most telling first, for identities without an ARN: failed sign-ins, AWS services,
# federated and cross-account callers.
_PRINCIPALS: Final = tuple(
    parse_selector(text)
    for text in (
        "$.userIdentity.userName",
        "$.userIdentity.invokedBy",
        "$.userIdentity.sessionContext.sessionIssuer.userName",
        "$.userIdentity.principalId",
        "$.userIdentity.accountId",
        "$.userIdentity.type",
    )
)
EVIDENCE_FIELDS: Final = frozenset(
    {_ARN, *_PRINCIPALS}.union(*(selectors for selectors in _FIELDS.values()))
)
"""What a projection must contain for ``EvidenceReader``."""

_PRINCIPAL_IN_ARN: Final = re.compile(
    r"arn:[^:]*:(?:iam|sts):[^:]*:[^:]*:"
    r"(?:(?:user|role|assumed-role|federated-user)/)?(?P<name>.+)",
    re.DOTALL,
)


class EvidenceReader:
    """Takes the evidence out of records that one projection decoded."""

    def __init__(self, projection: Projection) -> None:
        self._getters: dict[str, list[Getter]] = {
            name: [projection.getter(selector) for selector in selectors]
            for name, selectors in _FIELDS.items()
        }
        self._get_arn = projection.getter(_ARN)
        self._principals = [projection.getter(selector) for selector in _PRINCIPALS]

    def read(self, record: Record, source: LogObject, key: LogFileKey) -> Evidence:
        """Return the evidence of ``record``, which came in the object ``source``.

        Account and region are those of the file where the record names none.
        """
        values = {
            name: _first_text(getters, record.fields)
            for name, getters in self._getters.items()
        }
        return Evidence(
            **values
            | {
                "account": values["account"] or key.account or None,
                "region": values["region"] or key.region or None,
            },
            event_id=record.event_id,
            event_time=None if record.time is None else isoformat(record.time),
            principal=self._principal(record.fields),
            bucket=source.bucket,
            key=source.key,
        )

    def _principal(self, fields: object) -> str | None:
        """Return a name that people know: the user, or role and session, or service."""
        arn = text_of(self._get_arn(fields))
        found = _PRINCIPAL_IN_ARN.fullmatch(arn) if arn else None
        if found:
            return _shorten(found["name"])
        return _shorten(arn) if arn else _first_text(self._principals, fields)


def _first_text(getters: list[Getter], fields: object) -> str | None:
    for get in getters:
        text = text_of(get(fields))
        if text:
            return _shorten(text)
    return None


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + "…"
