"""The ledger (P9): every received record ends in exactly one line of it.

Per account and region: received = relayed + dropped + duplicate + rejected (by reason)
+ quarantined (by reason) + what is in flight. The lines live in the state store,
written with the marks that they belong to, and in the metrics of this process.
"""

from collections.abc import Mapping
from dataclasses import replace

from relay.model import RejectedBy
from relay.state.store import Commit, LedgerKey, ObjectMark
from relay.telemetry import Telemetry


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
        self._settle(commit, mark, "relayed", accepted)
        self._settle(commit, mark, "dropped", dropped)
        for reason, records in rejected.items():
            self._settle(commit, mark, "rejected", records, reason)

    def duplicate(self, commit: Commit, mark: ObjectMark) -> None:
        """Settle an object that was relayed before and has been announced again."""
        self.received(mark)
        self._open.discard(_name(mark))
        add_line(commit, mark, "received", mark.records)
        self._settle(commit, mark, "duplicate", mark.records)

    def _settle(
        self,
        commit: Commit,
        mark: ObjectMark,
        outcome: str,
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
    commit: Commit, mark: ObjectMark, outcome: str, records: int, reason: str = ""
) -> None:
    """Add ``records`` of the object's account and region to a line of the ledger."""
    line = LedgerKey(
        account=mark.account, region=mark.region, outcome=outcome, reason=reason
    )
    commit.ledger[line] = commit.ledger.get(line, 0) + records
