"""The summary says what was found, and the verdict follows it."""

import io
from dataclasses import replace

from rich.console import Console

from relay.demo.findings import Findings
from relay.demo.report import print_report
from tests.demo.test_findings import GOOD


def printed(findings: Findings) -> tuple[bool, str]:
    """Return the verdict and everything that was printed."""
    console = Console(file=io.StringIO(), width=140, color_system=None, _environ={})
    verdict = print_report(console, findings, metrics_url="http://127.0.0.1:1/metrics")
    assert isinstance(console.file, io.StringIO)
    return verdict, console.file.getvalue()


def test_good_report_shows_every_account() -> None:
    """Ledger, events read back, notifications, delays and the metrics' address."""
    is_good, text = printed(GOOD)

    assert is_good
    assert "received  relayed  duplicate  balanced" in text
    assert "none was dropped, rejected, quarantined" in text
    assert "1 log files, 2 records" in text
    assert "2 log events from CloudWatch Logs: 0 missing, 0 duplicates" in text
    assert "5 received: 2 by SNS topic, 2 by webhook, 1 by mail" in text
    assert "p50 50 ms, p99 50 ms" in text
    assert "http://127.0.0.1:1/metrics" in text
    assert "wrong" not in text


def test_bad_report_says_what_is_wrong() -> None:
    """Every problem is a line, and the verdict is no."""
    is_good, text = printed(replace(GOOD, dead_letters=2, received=()))

    assert not is_good
    assert "wrong: 2 messages are in the dead-letter queue" in text
    assert "not known" in text
    assert "nothing lost" not in text
