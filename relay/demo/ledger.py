"""relay's own account of every record, read from its /metrics."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from relay.telemetry import OUTCOMES


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """The records of one account and region: how many came, and what became of them."""

    account: str
    region: str
    received: int
    outcomes: Mapping[str, int]

    @property
    def is_balanced(self) -> bool:
        """True when every record that came is accounted for."""
        return self.received == sum(self.outcomes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the demo reads of /metrics, at one moment."""

    ledger: tuple[LedgerRow, ...]
    messages_deleted: int
    messages_in_flight: int
    outbox_pending: int
    alarms: Mapping[str, int]

    def total(self, outcome: str) -> int:
        """Return the records of all rows with ``outcome``."""
        return sum(row.outcomes.get(outcome, 0) for row in self.ledger)

    @property
    def received(self) -> int:
        """The records of all rows that came."""
        return sum(row.received for row in self.ledger)


async def fetch(session: aiohttp.ClientSession, url: str) -> Metrics:
    """Return what relay's /metrics at ``url`` says now."""
    async with session.get(url) as response:
        response.raise_for_status()
        return parse(await response.text())


def parse(text: str) -> Metrics:
    """Return the metrics in ``text``, the Prometheus text format."""
    received: dict[tuple[str, str], int] = {}
    settled: dict[tuple[str, str], dict[str, int]] = {}
    plain: dict[str, int] = {}
    alarms: dict[str, int] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels, value = sample.labels, sample.value
            place = (labels.get("account", ""), labels.get("region", ""))
            match sample.name:
                case "relay_records_received_total":
                    received[place] = int(value)
                case "relay_records_total":
                    row = settled.setdefault(place, dict.fromkeys(OUTCOMES, 0))
                    row[labels["outcome"]] += int(value)
                case "relay_alarms":
                    alarms[labels["state"]] = int(value)
                case name if not labels:
                    plain[name] = int(value)
    return Metrics(
        ledger=tuple(
            LedgerRow(
                account=account,
                region=region,
                received=received.get((account, region), 0),
                outcomes=settled.get((account, region), dict.fromkeys(OUTCOMES, 0)),
            )
            for account, region in sorted(received.keys() | settled.keys())
        ),
        messages_deleted=plain.get("relay_messages_deleted_total", 0),
        messages_in_flight=plain.get("relay_messages_in_flight", 0),
        outbox_pending=plain.get("relay_outbox_pending", 0),
        alarms=alarms,
    )
