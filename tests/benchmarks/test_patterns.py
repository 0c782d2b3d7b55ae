"""The patterns that are measured with are the same on every run, and need no data."""

from pathlib import Path

import pytest

from benchmarks import patterns
from benchmarks.patterns import choose


@pytest.mark.parametrize("is_there", [True, False], ids=["collection", "made up"])
def test_a_smaller_choice_is_the_beginning_of_a_larger_one(
    is_there: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """So that more rules mean more of the same, not others."""
    if not is_there:
        monkeypatch.setattr(patterns, "_COLLECTION", tmp_path / "absent.jsonl")
    few, many = choose(10).patterns, choose(60).patterns

    assert many[:10] == few
    assert len(many) == 60


def test_without_the_collection_all_are_made_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The benchmark runs anywhere, with the traits that matter."""
    monkeypatch.setattr(patterns, "_COLLECTION", tmp_path / "absent.jsonl")

    chosen = choose(100)

    assert (chosen.written, len(chosen.patterns)) == (0, 100)
    for trait in ("userIdentity", "!=", "[*]", "globs", "fields of many values"):
        assert trait in chosen.describe()


def test_patterns_written_by_people_come_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those that are valid, on CloudTrail, and do not match all day."""
    collection = tmp_path / "collection.jsonl"
    collection.write_text(
        '{"pattern": "{ $.eventName = StopLogging }", "cloudtrail": true}\n'
        '{"pattern": "{ $.eventType = AwsApiCall }", "cloudtrail": true}\n'
        '{"pattern": "{ $.eventName = }", "cloudtrail": true}\n'
        '{"pattern": "ERROR", "cloudtrail": true}\n'
        '{"pattern": "{ $.level = ERROR }", "cloudtrail": false}\n'
    )
    monkeypatch.setattr(patterns, "_COLLECTION", collection)

    chosen = choose(5)

    assert chosen.written == 1
    assert chosen.patterns[0].text == "{ $.eventName = StopLogging }"
