"""What metric filters find: matches, datapoints, and the evidence for them."""

from dataclasses import dataclass

import msgspec

from relay.model.metrics import MetricSeries

Group = tuple[str, ...]
"""The values of an alarm's ``group_by`` selectors, in their order; () without."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a notification says of one record: who, what, from where, and where it is.

    Every string is shortened to a readable length; absent members are None.
    """

    event_id: str | None = None
    event_time: str | None = None
    event_name: str | None = None
    event_source: str | None = None
    principal: str | None = None
    principal_type: str | None = None
    account: str | None = None
    region: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    bucket: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmKey:
    """Which definition of which alarm: a changed definition has another fingerprint."""

    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A match's way into one alarm that reads the filter's metric, or its matches.

    An alarm that ``counts_matches`` does not care for the metric's value. ``term`` is
    the text whose being new or different it is about, if it is about one.
    """

    alarm: AlarmKey
    group: Group
    counts_matches: bool = False
    term: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One record matched one metric filter.

    ``value`` is None when the filter's ``$.selector`` names nothing numeric: then there
    is a match but no datapoint. ``time`` is None when the record has no event time.
    """

    filter: str
    event_id: str | None
    time: float | None
    value: float | None
    feeds: tuple[Feed, ...]
    evidence: Evidence
    series: MetricSeries | None = None
    """Where it is published in CloudWatch as well; None for a filter that is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPoints:
    """``count`` records of one minute that a filter with a default did not match."""

    filter: str
    time: float | None
    value: float
    count: int
    feeds: tuple[Feed, ...]
    series: MetricSeries | None = None
    """Where they are published in CloudWatch as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What all metric filters found in one log file."""

    matches: tuple[Match, ...] = ()
    defaults: tuple[DefaultPoints, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Datapoint:
    """``count`` equal values of one metric at one time, addressed to one alarm's group.

    ``received_at`` is when the message that announced the record came. ``term`` is the
    feed's.
    """

    alarm: AlarmKey
    group: Group
    time: float
    value: float
    count: int = 1
    evidence: Evidence | None = None
    received_at: float | None = None
    term: str | None = None
