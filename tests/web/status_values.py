"""A status with something in every part of it."""

from relay.accounting.balance import Balance
from relay.web.status import (
    AlarmStatus,
    ConfigStatus,
    OutboxStatus,
    ReloadStatus,
    SourceStatus,
    Status,
)

BALANCE = Balance(
    account="111122223333",
    region="eu-west-1",
    received=100,
    relayed=70,
    dropped=10,
    lost={"overwritten": 1},
    duplicate=5,
    rejected={"too_old": 2, "too_new": 3},
    quarantined={"truncated": 4},
    in_flight=5,
    repeated=8,
    balances=True,
)
STATUS = Status(
    version="1.2.3",
    process_id=4711,
    started_at="2026-11-24T12:00:00Z",
    uptime_secs=5_430.7,
    healthy=True,
    problems=[],
    config=ConfigStatus(
        path="/etc/relay/relay.yaml",
        loaded_at="2026-11-24T12:00:01Z",
        metric_filters=14,
        alarms=15,
        receivers=2,
    ),
    last_reload=ReloadStatus(at="2026-11-24T13:00:00Z", problems=[]),
    source=SourceStatus(
        in_flight=3,
        oldest_in_flight_secs=2.4,
        quiet_secs=0.2,
        queue={"visible": 7, "in_flight": 3, "delayed": 0},
    ),
    ledger=[BALANCE],
    alarms={"OK": 13, "ALARM": 1, "INSUFFICIENT_DATA": 1},
    in_alarm=[
        AlarmStatus(
            alarm="root-login",
            group={"$.userIdentity.arn": "arn:aws:iam::111122223333:root"},
            since="2026-11-24T12:30:00Z",
            reason="Threshold Crossed: 1 datapoint [1.0] was greater",
        )
    ],
    outbox=OutboxStatus(pending=2, oldest_secs=61.0),
)
