"""A folder with a configuration in it, and what loading it finds."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from relay.config.load import Report, examine

MINIMAL = """\
source:
  queue_url: https://sqs.eu-west-1.amazonaws.com/123456789012/relay
  buckets: [trail-logs]
logs: {group: /relay/cloudtrail}
"""

Examine = Callable[..., Report]


@pytest.fixture
def examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Write ``relay.yaml`` and ``rules.yaml`` into an empty folder and examine them."""
    monkeypatch.chdir(tmp_path)

    def write_and_examine(
        text: str = "",
        *,
        rules: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Report:
        if rules is not None:
            Path("rules.yaml").write_text(rules)
            text += "rules: [rules.yaml]\n"
        if "source:" not in text:
            text += MINIMAL
        Path("relay.yaml").write_text(text)
        return examine(Path("relay.yaml"), environment=environment or {})

    return write_and_examine


def lines(report: Report) -> list[str]:
    """Return the problems as they are printed."""
    return [str(problem) for problem in report.problems]
