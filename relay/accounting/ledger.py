"""The ledger (P9): every received record ends in exactly one line of it.

Per account and region: received = relayed + dropped + duplicate + rejected (by reason)
+ quarantined (by reason) + what is in flight. Records that an earlier object had
brought as well are in these lines like all others, and once more under ``repeated``,
outside of the sum. The lines live in the state store, written with the marks that they
belong to, and in the metrics of this process.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from relay.errors import Reason
from relay.model import RejectedBy
from relay.state.store import Commit, LedgerKey, ObjectMark
from relay.telemetry import Telemetry


class Line(StrEnum):
    """What a line of the ledger says of records; a metric label."""

    RECEIVED = "received"
    """The left side of the sum."""
    RELAYED = "relayed"
    DROPPED = "dropped"
    """By a route, without a reason; else lost, see there."""
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    REPEATED = "repeated"
    """On neither side: these records are in other lines too."""


SETTLED = (
    Line.RELAYED,
    Line.DROPPED,
    Line.DUPLICATE,
    Line.REJECTED,
    Line.QUARANTINED,
)
"""The right side of the sum, but for what is in flight."""


class Lost(StrEnum):
    """Why records that were counted can never be relayed: the reason they dropped."""

    OVERWRITTEN = "overwritten"
    """Something else is stored under the object's key."""
    EXPIRED = "expired"
    """No queue can hold the message any more that announced the object."""


class Ledger:
    """Writes the lines, into a commit and into the metrics at once."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._open: set[tuple[str, str, str]] = set()

    def received(self, mark: ObjectMark) -> None:
        """Show that the object's records are in; counting writes the durable line.

        An object that was not relayed then comes again, and is in already.
        """
        if _name(mark) in self._open:
            return
        self._open.add(_name(mark))
        account, region = self._telemetry.account_labels(mark.account, mark.region)
        self._telemetry.records_received.labels(account, region).inc(mark.records)

    def relayed(
        self,
        commit: Commit,
        mark: ObjectMark,
        *,
        accepted: int,
        dropped: int,
        rejected: Mapping[RejectedBy, int],
    ) -> None:
        """Settle an object whose log events are all acknowledged or itemised."""
        commit.objects.append(replace(mark, relayed=True))
        self._open.discard(_name(mark))
        self._settle(commit, mark, Line.RELAYED, accepted)
        self._settle(commit, mark, Line.DROPPED, dropped)
        for reason, records in rejected.items():
            self._settle(commit, mark, Line.REJECTED, records, reason)

    def duplicate(self, commit: Commit, mark: ObjectMark) -> None:
        """Settle an object that was relayed before and has been announced again."""
        self.received(mark)
        self._open.discard(_name(mark))
        add_line(commit, mark, Line.RECEIVED, mark.records)
        self._settle(commit, mark, Line.DUPLICATE, mark.records)

    def quarantined(self, commit: Commit, mark: ObjectMark, reason: Reason) -> None:
        """Settle an object that was counted, and cannot be relayed.

        Its mark stays, so that it is not counted again should it come back; without
        records, since none of them is in flight any more.
        """
        self._set_aside(commit, mark, Line.QUARANTINED, reason)

    def lost(self, commit: Commit, mark: ObjectMark, reason: Lost) -> None:
        """Settle an object that was counted and is gone; its mark stays likewise."""
        self._set_aside(commit, mark, Line.DROPPED, reason)

    def returned(self, commit: Commit, mark: ObjectMark) -> None:
        """Take an object's records in again that were set aside before."""
        commit.objects.append(mark)
        add_line(commit, mark, Line.RECEIVED, mark.records)

    def _set_aside(
        self, commit: Commit, mark: ObjectMark, outcome: Line, reason: str
    ) -> None:
        self.received(mark)
        self._open.discard(_name(mark))
        commit.objects.append(replace(mark, records=0))
        self._settle(commit, mark, outcome, mark.records, reason)

    def _settle(
        self,
        commit: Commit,
        mark: ObjectMark,
        outcome: Line,
        records: int,
        reason: str = "",
    ) -> None:
        if not records:
            return
        add_line(commit, mark, outcome, records, reason)
        account, region = self._telemetry.account_labels(mark.account, mark.region)
        self._telemetry.records_settled.labels(account, region, outcome, reason).inc(
            records
        )


def _name(mark: ObjectMark) -> tuple[str, str, str]:
    return mark.bucket, mark.key, mark.etag


def add_line(
    commit: Commit, mark: ObjectMark, outcome: Line, records: int, reason: str = ""
) -> None:
    """Add ``records`` of the object's account and region to a line of the ledger."""
    line = LedgerKey(
        account=mark.account, region=mark.region, outcome=outcome, reason=reason
    )
    commit.ledger[line] = commit.ledger.get(line, 0) + records
