"""The rules of the repository and the story of the demo belong together."""

import pytest

from relay.demo.relay_process import RULES
from relay.demo.scenario import build


def test_every_expected_alarm_is_in_the_rules() -> None:
    """What the demo waits for is what config/rules.d defines."""
    texts = "".join(path.read_text() for path in RULES.glob("*.yaml"))
    if not texts:
        pytest.skip("the repository's rule files are not beside the package")

    expected = {each.alarm for each in build(seed=1, now=1e9).expected}

    assert {name for name in expected if f"name: {name}\n" not in texts} == set()
