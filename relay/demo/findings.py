"""What the demo found out, and what of it is wrong; pure.

Two accounts are compared with what was generated: relay's own ledger, and the log
events that were read back from CloudWatch Logs.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relay.demo.inbox import Channel, Received
from relay.demo.incident import INTRUDER_IP
from relay.demo.ledger import Metrics
from relay.demo.scenario import Scenario

ALARM = "ALARM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the verdict is built on.

    ``found`` counts event ids in CloudWatch Logs. ``exit_code`` is the daemon's; None
    while it still runs.
    """

    scenario: Scenario
    metrics: Metrics
    found: Counter[str]
    received: Sequence[Received]
    refused: Sequence[str]
    dead_letters: int
    has_settled: bool
    exit_code: int | None

    @property
    def generated(self) -> Counter[str]:
        """Event ids as they were delivered, however often they were announced."""
        return Counter(
            str(record["eventID"])
            for file in self.scenario.files
            for record in file.records
        )

    @property
    def missing(self) -> int:
        """How many delivered events CloudWatch Logs does not have."""
        return (self.generated - self.found).total()

    @property
    def duplicated(self) -> int:
        """How many events CloudWatch Logs has more often than they were delivered."""
        return (self.found - self.generated).total()


def delays_secs(received: Sequence[Received]) -> list[float]:
    """Return, for each copy, how long after relay received the cause it was accepted.

    The webhook's document carries the time of receipt; the copies on other channels are
    joined to it by the notification's id.
    """
    received_at = {
        each.id: each.relay_received_at
        for each in received
        if each.relay_received_at is not None
    }
    return sorted(
        each.accepted_at - received_at[each.id]
        for each in received
        if each.id in received_at
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of sorted ``values``; NaN of none."""
    if not values:
        return math.nan
    return values[max(math.ceil(len(values) * percent / 100) - 1, 0)]


def missing_notifications(
    scenario: Scenario, received: Sequence[Received]
) -> list[str]:
    """Return which expected notifications have not come, as ``alarm by channel``."""
    by_webhook = {
        (each.alarm, each.group)
        for each in received
        if each.channel is Channel.WEBHOOK and each.state == ALARM
    }
    by_others = {(each.alarm, each.channel) for each in received if each.state == ALARM}
    missing = []
    for expected in sorted(scenario.expected, key=lambda each: each.alarm):
        if (expected.alarm, expected.group) not in by_webhook:
            missing.append(f"{expected.alarm} by {Channel.WEBHOOK}")
        others = (Channel.SNS, Channel.MAIL) if expected.is_paged else (Channel.SNS,)
        missing += [
            f"{expected.alarm} by {channel}"
            for channel in others
            if (expected.alarm, channel) not in by_others
        ]
    return missing


def problems(findings: Findings) -> list[str]:
    """Return everything that is wrong; empty when relay kept its promises."""
    return [*_account_problems(findings), *_notification_problems(findings)]


def _account_problems(findings: Findings) -> Iterator[str]:
    delivered, relayed = findings.generated.total(), findings.metrics.total("relayed")
    if not findings.has_settled:
        yield "relay did not finish in time"
    if findings.missing:
        yield f"{findings.missing} events are not in CloudWatch Logs"
    if findings.duplicated:
        yield f"{findings.duplicated} events are in CloudWatch Logs more than once"
    if relayed != delivered:
        yield f"{delivered} records were delivered; the ledger has {relayed} relayed"
    for row in findings.metrics.ledger:
        if not row.is_balanced:
            settled = sum(row.outcomes.values())
            yield (
                f"the ledger of {row.account} {row.region} does not balance: "
                f"{row.received} received, {settled} accounted for"
            )
    if findings.dead_letters:
        yield f"{findings.dead_letters} messages are in the dead-letter queue"
    if findings.exit_code:
        yield f"relay ended with exit code {findings.exit_code}"


def _notification_problems(findings: Findings) -> Iterator[str]:
    for missing in missing_notifications(findings.scenario, findings.received):
        yield f"no notification: {missing}"
    yield from (f"refused: {reason}" for reason in findings.refused)
    for each in findings.received:
        if each.evidence is not None and each.evidence.source_ip != INTRUDER_IP:
            yield f"{each.alarm} was raised by an ordinary record"
    copies = Counter((each.id, each.channel) for each in findings.received)
    for (_, channel), count in copies.items():
        if count > 1:
            yield f"one notification came {count} times by {channel}"
