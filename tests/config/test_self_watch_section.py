"""Tests of the section ``self_watch``: on without a word, and off rule by rule."""

import pytest

from relay.config.self_watch_section import SelfWatch, SelfWatchRule
from tests.config.conftest import Examine, lines


def test_on_is_the_default(examined: Examine) -> None:
    """A trail that is stopped is found by everybody."""
    report = examined("")

    assert report.loaded is not None, lines(report)
    assert report.loaded.config.self_watch == SelfWatch(enabled=True, disable=())


def test_all_options(examined: Examine) -> None:
    """Rules to do without, what is ours, and how late is late."""
    report = examined(
        "self_watch:\n"
        "  disable: [topic, cloudtrail_late]\n"
        "  trail: org-trail\n"
        "  topic_arn: arn:aws:sns:eu-west-1:123456789012:trail\n"
        "  role: arn:aws:iam::123456789012:role/relay\n"
        "  kms_key: arn:aws:kms:eu-west-1:123456789012:key/0f1e\n"
        "  silent_after: 6h\n"
        "  cloudtrail_late: 20m\n"
        "  relay_late: 2m\n"
    )

    assert report.loaded is not None, lines(report)
    watch = report.loaded.config.self_watch
    assert watch.disable == (SelfWatchRule.TOPIC, SelfWatchRule.CLOUDTRAIL_LATE)
    assert (watch.silent_after, watch.cloudtrail_late) == (21_600.0, 1_200.0)
    assert watch.relay_late == 120.0


@pytest.mark.parametrize(
    ("self_watch", "expected"),
    [
        pytest.param("{disable: [trail, trail]}", "names a rule twice", id="twice"),
        pytest.param("{disable: [moon]}", "self_watch.disable[0]", id="unknown rule"),
        pytest.param("{trail: 'a b'}", "is no trail", id="trail"),
        pytest.param("{kms_key: 0f1e}", "is no KMS key", id="key"),
        pytest.param("{silent_after: 1m}", "self_watch.silent_after", id="too soon"),
    ],
)
def test_faults_are_refused(self_watch: str, expected: str, examined: Examine) -> None:
    """With what was found and where."""
    report = examined(f"self_watch: {self_watch}\n")

    (problem,) = lines(report)
    assert expected in problem
