"""Who, what, where, from where, when, with which result: told from the evidence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from relay.clock import parse_isoformat
from relay.model import Evidence, Notification
from relay.notify.content.actors import agent_of, principal_of
from relay.notify.plain import one_line
from relay.notify.regions import event_url

_MAX_NAMED = 3  # different values that one fact names
_MAX_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of the evidence; ``url`` opens it in the console, or is empty."""

    when: str
    what: str
    who: str
    where: str
    source: str
    agent: str
    result: str
    event_id: str
    stored: str
    url: str

    @property
    def summary(self) -> str:
        """What, who, where, from where and how it ended, in one line."""
        source = f"from {self.source}" if self.source else ""
        facts = (self.what, self.who, self.where, source, self.agent, self.result)
        return " · ".join(filter(None, facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The evidence of one notification in a few words; empty where it says nothing."""

    who: str
    what: str
    where: str
    source: str
    when: str
    result: str
    count: str
    rows: tuple[Row, ...]


def facts_of(notification: Notification, accounts: Mapping[str, str]) -> Facts:
    """Return the facts; ``accounts`` maps account ids to their names."""
    rows = tuple(_row(each, accounts) for each in notification.evidence)
    return Facts(
        who=_named(row.who for row in rows),
        what=_named(row.what for row in rows),
        where=_named(row.where for row in rows),
        source=_named(map(_source, rows)),
        when=_when(notification),
        result=_result(rows),
        count=_count(notification, rows),
        rows=rows,
    )


def duration(secs: float) -> str:
    """Return ``secs`` as people say it: ``42 s``, ``5 min``, ``1 h 30 min``."""
    whole = round(secs)
    if whole < 60:
        return f"{whole} s"
    minutes, seconds = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _row(evidence: Evidence, accounts: Mapping[str, str]) -> Row:
    region, event_id = evidence.region or "", evidence.event_id or ""
    stored = [evidence.bucket, evidence.key]
    return Row(
        when=_event_time(evidence),
        what=one_line(_what(evidence), _MAX_CHARS),
        who=principal_of(evidence),
        where=one_line(_where(evidence, accounts), _MAX_CHARS),
        source=one_line(evidence.source_ip or "", _MAX_CHARS),
        agent=agent_of(evidence.user_agent or ""),
        result=one_line(_outcome(evidence), _MAX_CHARS),
        event_id=one_line(event_id),
        stored=one_line(f"s3://{'/'.join(filter(None, stored))}")
        if any(stored)
        else "",
        url=event_url(region, event_id) or "",
    )


def _what(evidence: Evidence) -> str:
    name, source = evidence.event_name or "", evidence.event_source or ""
    service = source.removesuffix(".amazonaws.com")
    return f"{name} ({service})" if name and service else name or service


def _where(evidence: Evidence, accounts: Mapping[str, str]) -> str:
    account = evidence.account or ""
    alias = accounts.get(account, "")
    shown = f"{alias} ({account})" if alias else account
    return ", ".join(filter(None, (shown, evidence.region)))


def _outcome(evidence: Evidence) -> str:
    parts = [evidence.error_code or "", evidence.error_message or ""]
    text = ": ".join(filter(None, parts))
    return f"failed: {text}" if text else "succeeded"


def _source(row: Row) -> str:
    return ", ".join(filter(None, (row.source, row.agent)))


def _result(rows: Sequence[Row]) -> str:
    outcomes = Counter(row.result for row in rows)
    if len(outcomes) < 2:
        return next(iter(outcomes), "")
    counted = [f"{count} {text}" for text, count in outcomes.most_common(_MAX_NAMED)]
    return one_line("; ".join(counted), _MAX_CHARS)


def _named(texts: Iterable[str]) -> str:
    """Return the different ones of ``texts``: all, or the first and how many more."""
    different = list(dict.fromkeys(filter(None, texts)))
    more = len(different) - _MAX_NAMED
    shown = "; ".join(different[:_MAX_NAMED])
    return one_line(f"{shown} and {more} more" if more > 0 else shown, _MAX_CHARS)


def _count(notification: Notification, rows: Sequence[Row]) -> str:
    total = max(notification.total, len(rows))
    if not rows:
        return ""
    text = "1 event" if total == 1 else f"{total:,} events"
    if len(rows) < 2:
        return text
    kinds = [
        f"{count} {noun}"
        for noun, count in (
            ("principals", len({row.who for row in rows if row.who})),
            ("addresses", len({row.source for row in rows if row.source})),
            ("accounts", len({each.account for each in notification.evidence})),
        )
        if count > 1
    ]
    if not kinds:
        return text
    among = "" if total == len(rows) else f"among the newest {len(rows)}: "
    return f"{text}; {among}{', '.join(kinds)}"


def _when(notification: Notification) -> str:
    if not notification.evidence:
        return ""
    newest = notification.evidence[0]
    shown = _event_time(newest)
    try:
        delay_secs = notification.at - parse_isoformat(newest.event_time or "")
    except ValueError:
        return shown
    if notification.repeat or delay_secs < 0:
        return shown
    return f"{shown}, raised {duration(delay_secs)} later"


def _event_time(evidence: Evidence) -> str:
    try:
        return _time(parse_isoformat(evidence.event_time or ""))
    except (ValueError, OverflowError):
        return one_line(evidence.event_time or "at an unknown time")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
