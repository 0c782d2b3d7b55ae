"""relay.telemetry: names by a rule, labels bounded, one line a log event."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from relay.telemetry import OVERFLOW, Telemetry, configure_logging, get_log

NAME = re.compile(r"relay_[a-z0-9_]+")
UNITLESS_GAUGES = {
    "relay_messages_in_flight",
    "relay_queue_messages",
    "relay_queue_polls",
    "relay_alarms",
    "relay_outbox_pending",
    "relay_silences",
    "relay_metric_data_pending",
    "relay_put_log_events_in_flight",
    "relay_config_last_reload_successful",
    "relay_build_info",
}


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Put the root logger and structlog back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_names_tell_subject_and_unit() -> None:
    """Counters end in _total, measures in their unit; all carry the prefix."""
    for metric in Telemetry().registry.collect():
        assert NAME.fullmatch(metric.name), metric.name
        assert metric.documentation.endswith("."), metric.name
        if metric.type == "gauge" and metric.name not in UNITLESS_GAUGES:
            assert metric.name.endswith(("_seconds", "_bytes")), metric.name
        if metric.type == "histogram":
            assert metric.name.endswith("_seconds"), metric.name


def test_two_processes_worth_of_series_can_live_in_one() -> None:
    """The registry is not global: tests and embedders can make as many as they like."""
    first, second = Telemetry(), Telemetry()
    first.messages_received.inc(3)

    value = second.registry.get_sample_value("relay_messages_received_total")

    assert value == 0


def test_accounts_are_bounded_and_the_sum_stays_right() -> None:
    """Past the bound new accounts share one series; known ones keep theirs."""
    telemetry = Telemetry(max_accounts=2)

    labels = [
        telemetry.account_labels(account, "r") for account in ["1", "2", "3", "1"]
    ]

    assert labels == [("1", "r"), ("2", "r"), (OVERFLOW, OVERFLOW), ("1", "r")]


def test_log_is_one_json_object_a_line(
    restored_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Constant event text and fields, from structlog and the standard library alike."""
    made_before = get_log("early")
    configure_logging(level="info", format="json")

    get_log("source").info("object decoded", bucket="b", records=3)
    get_log("source").debug("not shown")
    made_before.warning("made at import time")
    logging.getLogger("some.library").warning("careful: %s", "x")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == [
        "object decoded",
        "made at import time",
        "careful: x",
    ]
    assert lines[0]["stage"] == "source"
    assert (lines[0]["bucket"], lines[0]["records"]) == ("b", 3)
    assert {line["level"] for line in lines} == {"info", "warning"}


def test_console_log_is_readable(
    restored_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other format is for people."""
    configure_logging(level="warning", format="console")

    get_log("logs").warning("put log events throttled", attempt=0)

    shown = capsys.readouterr().err
    assert "put log events throttled" in shown
    assert "attempt" in shown
    assert not shown.startswith("{")
