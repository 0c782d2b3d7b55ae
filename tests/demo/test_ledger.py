"""The ledger is read from the metrics that relay really exposes."""

from prometheus_client import generate_latest

from relay.demo.ledger import LedgerRow, parse
from relay.telemetry import Telemetry


def test_ledger_is_read_from_relays_own_series() -> None:
    """Each account and region gets a row; reasons are summed; totals follow."""
    telemetry = Telemetry()
    place = ("111122223333", "eu-west-1")
    telemetry.records_received.labels(*place).inc(10)
    telemetry.records_settled.labels(*place, "relayed", "").inc(6)
    telemetry.records_settled.labels(*place, "rejected", "too_old").inc(1)
    telemetry.records_settled.labels(*place, "rejected", "invalid").inc(2)
    telemetry.records_settled.labels(*place, "duplicate", "").inc(1)
    telemetry.messages_deleted.inc(4)
    telemetry.messages_in_flight.set(3)
    telemetry.outbox_pending.set(2)
    telemetry.alarms.labels("ALARM").set(5)

    metrics = parse(generate_latest(telemetry.registry).decode())

    assert metrics.ledger == (
        LedgerRow(
            account="111122223333",
            region="eu-west-1",
            received=10,
            outcomes={
                "relayed": 6,
                "dropped": 0,
                "duplicate": 1,
                "rejected": 3,
                "quarantined": 0,
            },
        ),
    )
    assert metrics.received == 10
    assert metrics.total("rejected") == 3
    assert metrics.messages_deleted == 4
    assert metrics.messages_in_flight == 3
    assert metrics.outbox_pending == 2
    assert metrics.alarms == {"OK": 0, "ALARM": 5, "INSUFFICIENT_DATA": 0}


def test_row_without_a_counterpart_does_not_balance() -> None:
    """Records that came and are not accounted for leave the row unbalanced."""
    telemetry = Telemetry()
    telemetry.records_received.labels("1", "a").inc(1)
    telemetry.records_settled.labels("2", "b", "relayed", "").inc(1)

    rows = parse(generate_latest(telemetry.registry).decode()).ledger

    assert [row.is_balanced for row in rows] == [False, False]
