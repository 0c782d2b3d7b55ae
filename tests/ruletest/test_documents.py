"""Tests of the reports for programs."""

import json
from xml.etree import ElementTree as ET

from relay.config.problems import Problem
from relay.ruletest.documents import as_json, as_junit
from relay.ruletest.results import CaseVerdict, Difference, FileVerdict, Moment, Seen

PASSED = CaseVerdict(
    name="good \x1b one",
    line=3,
    differences=[],
    moments=[
        Moment(
            at_secs=1.5,
            alarm="a",
            group={"$.u": "x"},
            old="OK",
            new="ALARM",
            reason="because",
            evidence=["$1"],
        )
    ],
    events=[Seen(reference="$1", arrives_secs=0.0, name="Call", filters=("f",))],
    secs=0.25,
)
FAILED = CaseVerdict(
    name="bad <one>",
    line=9,
    differences=[
        Difference(
            line=11,
            at_secs=90.0,
            subject="state of a",
            expected=["ALARM"],
            actual=["OK"],
            alarm="a",
        ),
        Difference(line=10, at_secs=None, subject="matches", expected=["f"], actual=[]),
    ],
    moments=[],
    events=[],
    secs=0.5,
)
FILES = [
    FileVerdict(file="x.test.yaml", tests=[PASSED, FAILED]),
    FileVerdict(
        file="y.test.yaml",
        problems=[
            Problem(file="y", line=2, location=("tests", 0), message="is wrong"),
            Problem(file="y", line=None, location=(), message="is \x00 wrong"),
        ],
    ),
]


def test_json_has_everything() -> None:
    """Differences, transitions and events as mappings, problems as in relay check."""
    document = json.loads(json.dumps(as_json(FILES)))

    assert {key: value for key, value in document.items() if key != "files"} == {
        "ok": False,
        "tests": 2,
        "failed": 1,
        "invalid_files": 1,
    }
    first, second = document["files"]
    assert first["tests"][0] == {
        "name": "good \x1b one",
        "line": 3,
        "ok": True,
        "secs": 0.25,
        "differences": [],
        "transitions": [
            {
                "at_secs": 1.5,
                "alarm": "a",
                "group": {"$.u": "x"},
                "old": "OK",
                "new": "ALARM",
                "reason": "because",
                "evidence": ["$1"],
            }
        ],
        "events": [
            {"reference": "$1", "arrives_secs": 0.0, "name": "Call", "filters": ["f"]}
        ],
    }
    assert first["tests"][1]["differences"][0] == {
        "line": 11,
        "at_secs": 90.0,
        "subject": "state of a",
        "expected": ["ALARM"],
        "actual": ["OK"],
        "alarm": "a",
    }
    assert second["problems"][0] == {
        "file": "y",
        "line": 2,
        "option": "tests[0]",
        "message": "is wrong",
    }


def test_all_is_well() -> None:
    """One member tells."""
    assert as_json([FileVerdict(file="x", tests=[PASSED])])["ok"] is True


def test_junit_has_a_suite_for_each_file() -> None:
    """Counts, times and places as build servers read them."""
    root = ET.fromstring(as_junit(FILES))  # noqa: S314 - our own document

    good, bad = root.findall("testsuite")
    assert good.attrib == {
        "name": "x.test.yaml",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "0.750",
    }
    assert (bad.get("tests"), bad.get("failures"), bad.get("errors")) == ("1", "0", "1")
    assert [case.get("name") for case in good] == ["good \ufffd one", "bad <one>"]
    assert good[1].get("line") == "9"


def test_junit_explains_a_failure() -> None:
    """As the report for people does."""
    root = ET.fromstring(as_junit(FILES))  # noqa: S314 - our own document

    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "state of a; matches"
    assert "      - ALARM\n      + OK" in (failure.text or "")


def test_junit_tells_of_an_invalid_file() -> None:
    """All its problems; what XML cannot hold is replaced."""
    root = ET.fromstring(as_junit(FILES))  # noqa: S314 - our own document

    error = root.find("testsuite/testcase/error")
    assert error is not None
    assert error.text == "y:2: tests[0]: is wrong\ny: is \ufffd wrong"
