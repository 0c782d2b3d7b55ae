"""A webhook's template is proved before anything happens."""

from pathlib import Path

import pytest

from relay.config.load import load
from relay.notify.receivers.webhook_template import webhook_problems

CONFIG = """
source: {{queue_url: http://localhost/1/q, buckets: [abc]}}
logs: {{group: /x}}
notify:
  receivers: [{{name: a, webhook: [{{url: 'http://localhost/s3cret'{options}}}]}}]
  route: {{receiver: a}}
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", []),
        (', body: \'{"is": "{{ view.state }}"}\'', []),
        (
            ", body: '{{ view.nothing }}'",
            [
                "relay.yaml: notify.receivers[0].webhook[0].body: <template>:1:"
                " 'View' has no attribute 'nothing' (sample: alarm)"
            ],
        ),
        (
            ", body: '{{ view.title }}'",
            [
                "relay.yaml: notify.receivers[0].webhook[0].body: what the template"
                " makes is no JSON (sample: alarm)"
            ],
        ),
    ],
)
def test_what_would_fail_later_is_told_now(
    tmp_path: Path, options: str, expected: list[str]
) -> None:
    """With the option's path, and not with the address."""
    path = tmp_path / "relay.yaml"
    path.write_text(CONFIG.format(options=options))

    problems = webhook_problems(load(path), file="relay.yaml")

    assert [str(each) for each in problems] == expected
