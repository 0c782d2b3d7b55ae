"""The daemon's configuration is valid, and a daemon that cannot start is explained."""

import os
from pathlib import Path

import anyio
import pytest

from relay.clock import SystemClock
from relay.config.load import load
from relay.demo.errors import DemoError
from relay.demo.provision import Provisioned
from relay.demo.relay_process import Receivers, running_relay, write_config

PLACE = Provisioned(
    bucket="trail-logs",
    trail_topic_arn="arn:aws:sns:eu-west-1:123456789012:trail",
    queue_url="http://127.0.0.1:5000/123456789012/relay",
    dead_letter_queue_url="http://127.0.0.1:5000/123456789012/dead",
    log_group="/relay/cloudtrail",
    alarm_topic_arn="arn:aws:sns:eu-west-1:123456789012:alarms",
    alarm_queue_url="http://127.0.0.1:5000/123456789012/team",
)
RECEIVERS = Receivers(
    webhook_url="http://127.0.0.1:8000/alarms", webhook_secret="s", smtp_port=2525
)


def test_written_configuration_is_valid(tmp_path: Path) -> None:
    """relay takes it, with the repository's rules and all three kinds of receivers."""
    path, port = write_config(
        tmp_path,
        endpoint_url="http://127.0.0.1:5000",
        place=PLACE,
        receivers=RECEIVERS,
    )

    loaded = load(path, environment={})
    assert loaded.config.source.queue_url == PLACE.queue_url
    assert loaded.config.telemetry.listen == f"127.0.0.1:{port}"
    assert loaded.config.state.url == f"sqlite://{tmp_path}/state.db"
    assert [each.name for each in loaded.config.notify.receivers] == [
        "security",
        "pager",
    ]
    assert loaded.rules.alarms


def test_missing_rules_are_said(tmp_path: Path) -> None:
    """Without the repository's rule files there is no demo, and it says so."""
    with pytest.raises(DemoError, match="played from a checkout"):
        write_config(
            tmp_path,
            endpoint_url="http://127.0.0.1:5000",
            place=PLACE,
            receivers=RECEIVERS,
            rules=tmp_path / "nowhere",
        )


async def test_daemon_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    """The error ends with the daemon's own words."""
    config = tmp_path / "relay.yaml"
    config.write_text("sauce: {}\n")

    with anyio.fail_after(30), pytest.raises(DemoError) as caught:
        async with running_relay(
            config, 1, environment=os.environ, clock=SystemClock()
        ):
            pass

    assert "relay did not become ready" in str(caught.value)
    assert "sauce" in str(caught.value)
