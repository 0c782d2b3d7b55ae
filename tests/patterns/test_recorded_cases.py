"""A larger collection of cases that does not travel with the project."""

import json
from pathlib import Path
from typing import Any

import pytest

from relay.patterns import PatternError, compile_pattern

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the collection of recorded cases is not here"
)


def read_rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of one file of the collection."""
    lines = (DATA / name).read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_filter_cases() -> None:
    """Verdicts and extracted values are the recorded ones, save what is disputed."""
    wrong = []
    for row in read_rows("filter_cases.jsonl"):
        try:
            extracted = compile_pattern(row["pattern"]).extract(row["message"])
            is_invalid = False
        except PatternError:
            extracted, is_invalid = None, True
        expected = row.get("extracted", {}) if row["match"] else None
        if "disputed" not in row and (is_invalid, extracted) != (
            row.get("invalid", False),
            expected,
        ):
            wrong.append(row["id"])

    assert wrong == []


def test_rule_tests_of_others() -> None:
    """Patterns written after other people's rules judge those rules' test events."""
    wrong = [
        (row["rule_id"], row["test_name"])
        for row in read_rows("panther_pattern_tests.jsonl")
        if compile_pattern(row["pattern"]).matches(json.dumps(row["event"]))
        is not row["expected"]
    ]

    assert wrong == []


def test_patterns_in_the_wild() -> None:
    """Published patterns compile, or are refused with a place inside them."""
    compiled = refused = 0
    for row in read_rows("patterns_in_the_wild.jsonl"):
        try:
            compile_pattern(row["pattern"])
            compiled += 1
        except PatternError as error:
            assert 0 <= error.position <= len(row["pattern"])
            refused += 1

    assert compiled > 5 * refused
